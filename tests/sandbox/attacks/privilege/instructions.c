// what: Executes instructions that only the kernel may.
// outcome: signal
// signal: 11
#include <stdio.h>

int main(void) {
  __asm__ volatile("cli");
  puts("ESCAPED: interrupts are off");
}
