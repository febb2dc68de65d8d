#include "tests/front/pseudo_terminal.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "core/error.h"
#include "core/progress.h"

namespace reckon::tests {
namespace {

constexpr double kSeconds = 20.0;

winsize window(int columns, int rows) {
  winsize size{};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = static_cast<unsigned short>(rows);
  return size;
}

}  // namespace

PseudoTerminal::PseudoTerminal(const std::vector<std::string>& arguments, const std::string& locale,
                               int columns, int rows) {
  std::vector<std::string> words{RECKON_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const winsize size = window(columns, rows);
  pid_ = ::forkpty(&fd_, nullptr, nullptr, &size);
  check(pid_ >= 0, ErrorCode::io, "expected a pseudo terminal, got none");
  if (pid_ > 0) return;
  ::setenv("LC_ALL", locale.c_str(), 1);
  ::unsetenv("NO_COLOR");
  ::execv(pointers[0], pointers.data());
  ::_exit(127);
}

PseudoTerminal::~PseudoTerminal() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(fd_);
}

void PseudoTerminal::type(const std::string& keys) const {
  CHECK(::write(fd_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
}

void PseudoTerminal::resize(int columns, int rows) const {
  const winsize size = window(columns, rows);
  CHECK(::ioctl(fd_, TIOCSWINSZ, &size) == 0);
}

bool PseudoTerminal::echoes() const {
  termios settings{};
  return ::tcgetattr(fd_, &settings) == 0 && (settings.c_lflag & ECHO) != 0;
}

bool PseudoTerminal::read_some() {
  pollfd input{fd_, POLLIN, 0};
  if (::poll(&input, 1, 50) <= 0) return false;
  std::array<char, 4096> buffer;
  const ssize_t count = ::read(fd_, buffer.data(), buffer.size());
  if (count > 0) printed_.append(buffer.data(), static_cast<size_t>(count));
  return count > 0;
}

std::string PseudoTerminal::wait_for(const std::string& part) {
  const double until = steady_seconds() + kSeconds;
  while (printed_.find(part, seen_) == std::string::npos && steady_seconds() < until) read_some();
  REQUIRE_MESSAGE(printed_.find(part, seen_) != std::string::npos, part, " in ", printed_);
  seen_ = printed_.size();
  return printed_;
}

int PseudoTerminal::wait() {
  const double until = steady_seconds() + kSeconds;
  int status = 0;
  while (steady_seconds() < until) {
    read_some();
    if (::waitpid(pid_, &status, WNOHANG) == 0) continue;
    pid_ = -1;
    while (read_some()) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  return -1;
}

}  // namespace reckon::tests
