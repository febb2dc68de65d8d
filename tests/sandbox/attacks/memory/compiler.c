// what: A source that makes the compiler read a device without end.
// outcome: compile_error
#include "/dev/zero"
int main(void) { return 0; }
