// what: Asks for the behaviour of other systems, which switches protections off.
// outcome: denied
#include <stdio.h>
#include <sys/personality.h>

int main(void) {
  if (personality(0xffffffff) < 0) puts("the question alone is refused");
  if (personality(ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC) >= 0) puts("ESCAPED: two bits");
  if (personality(ADDR_NO_RANDOMIZE) >= 0) puts("ESCAPED: no randomized addresses");
}
