// what: Kills itself, which is no limit.
// outcome: signal
// signal: 9
#include <signal.h>
#include <unistd.h>

int main(void) { kill(getpid(), SIGKILL); }
