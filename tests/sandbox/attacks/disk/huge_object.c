// what: A small source of which the compiler makes a program of 2 GiB.
// outcome: compile_error
int table[1 << 29] = {1};
int main(void) { return table[0]; }
