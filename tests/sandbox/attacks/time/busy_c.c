// what: A compiled loop that never ends and makes no system call.
// options: --cpu 0.5 --time 10
// outcome: cpu_limit
int main(void) {
  for (volatile unsigned i = 0;; ++i) {
  }
}
