// what: Includes a host file, so that the compiler's message would show it.
// outcome: compile_error
#include "@CANARY@"
#include "/etc/shadow"
int main(void) { return 0; }
