#pragma once

#include <sys/types.h>

#include <string>

namespace reckon::cli {

/// Asks the desktop's browser to show an address. Where there is none, this is said on standard
/// error and nothing else happens. The browser outlives the program. Not thread-safe.
class Browser {
 public:
  explicit Browser(std::string address);
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  /// Notices how the request ended. Does not wait.
  void look();

 private:
  void complain() const;

  std::string address_;
  pid_t opener_ = -1;
};

}  // namespace reckon::cli
