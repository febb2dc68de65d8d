// what: Includes what the compiler's process itself holds.
// outcome: compile_error
#include "/proc/self/environ"
#include "/proc/self/fd/3"
#include "/dev/stdin"
int main(void) { return 0; }
