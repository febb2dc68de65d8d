// what: Reads from nowhere.
// outcome: signal
// signal: 11
int main(void) { return *(volatile int*)8; }
