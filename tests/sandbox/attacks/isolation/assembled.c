// what: Copies a host file into the program when it is assembled, and prints it.
// outcome: compile_error
#include <stdio.h>

__asm__(".globl stolen\nstolen: .incbin \"@CANARY@\"\n.byte 0\n");
extern const char stolen[];
int main(void) { puts(stolen); }
