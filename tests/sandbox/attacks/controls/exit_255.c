// what: Ends with the largest status.
// outcome: nonzero_exit
// exit_code: 255
int main(void) { return 255; }
