// what: Prints the environment and what the kernel left above it on the stack.
// outcome: ok
// stdout_has: PATH=
// stdout_not: CANARY
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

extern char** environ;

int main(int count, char** words) {
  for (int i = 0; i < count; ++i) puts(words[i]);
  int variables = 0;
  for (char** entry = environ; *entry; ++entry, ++variables) {
    puts(*entry);
    if (strncmp(*entry, "RECKON", 6) == 0) puts("ESCAPED: a variable of the host");
  }
  if (variables > 12) puts("ESCAPED: more variables than the sandbox sets");
  puts((const char*)getauxval(AT_EXECFN));
}
