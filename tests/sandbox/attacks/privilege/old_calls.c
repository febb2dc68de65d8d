// what: System calls of 32-bit programs, which have other numbers.
// outcome: denied
#include <stdio.h>

int main(void) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
  printf("ESCAPED: process %ld by the gate of 32-bit programs\n", result);
}
