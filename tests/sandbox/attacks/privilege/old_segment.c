// what: Jumps into 32-bit code and calls the kernel from there.
// outcome: denied
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int main(void) {
  // mov eax, 20 (getpid); int 0x80; then a far return to 64-bit code.
  static const unsigned char code[] = {0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xcb};
  unsigned char* low = mmap(0, 8192, PROT_READ | PROT_WRITE | PROT_EXEC,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (low == MAP_FAILED) return 3;
  memcpy(low, code, sizeof code);
  const unsigned long stack = (unsigned long)low + 8000;
  __asm__ volatile(
      "mov %%rsp, %%r12\n"
      "mov %0, %%rsp\n"
      "pushq $0x23\n"
      "pushq %1\n"
      "lretq\n" ::"r"(stack), "r"((unsigned long)low)
      : "r12", "rax", "memory");
  puts("ESCAPED: 32-bit code");
}
