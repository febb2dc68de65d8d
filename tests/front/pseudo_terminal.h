#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace reckon::tests {

/// A program that runs in a terminal of its own. Throws Error(io) where the system refuses.
class PseudoTerminal {
 public:
  /// Starts the program under test with these arguments and a locale, in a window of that size.
  PseudoTerminal(const std::vector<std::string>& arguments, const std::string& locale, int columns,
                 int rows);
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;
  /// Kills what still runs.
  ~PseudoTerminal();

  void type(const std::string& keys) const;
  void resize(int columns, int rows) const;
  /// Whether keys are shown as they are typed, which is how a terminal is left.
  bool echoes() const;

  /// All that was printed, when `part` is among what came since the last call; fails the test
  /// after 20 seconds.
  std::string wait_for(const std::string& part);

  /// The exit status, and -1 if it did not end by itself in 20 seconds. `printed` has the rest.
  int wait();
  const std::string& printed() const { return printed_; }

 private:
  bool read_some();

  pid_t pid_ = -1;
  int fd_ = -1;
  size_t seen_ = 0;
  std::string printed_;
};

}  // namespace reckon::tests
