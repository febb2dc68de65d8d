#include "tests/sandbox/command.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/error.h"
#include "sandbox/bubblewrap.h"

namespace reckon::tests {
namespace {

namespace fs = std::filesystem;

std::string contents(int fd) {
  std::string text(static_cast<size_t>(::lseek(fd, 0, SEEK_END)), '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  text.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

sandbox::ChildOptions options_for(const std::vector<std::string>& words) {
  sandbox::ChildOptions options;
  options.argv = {RECKON_SANDBOX_DRIVER, "sandbox"};
  options.argv.insert(options.argv.end(), words.begin(), words.end());
  options.keep_environment = true;
  return options;
}

}  // namespace

SourceFile::SourceFile(const std::string& suffix, const std::string& text) {
  static int number = 0;
  path_ =
      (fs::temp_directory_path() / fmt::format("reckon-test-{}-{}{}", ::getpid(), ++number, suffix))
          .string();
  std::ofstream(path_, std::ios::binary) << text;
  ::chmod(path_.c_str(), 0644);
}

SourceFile::~SourceFile() { fs::remove(path_); }

CommandResult run_command(const std::vector<std::string>& words, const std::string& input,
                          uint32_t user, const std::vector<std::string>& environment) {
  const auto in = sandbox::memory_file(input);
  const auto out = sandbox::memory_file("");
  const auto err = sandbox::memory_file("");
  auto options = options_for(words);
  options.input = in.get();
  options.output = out.get();
  options.error = err.get();
  options.user = user;
  if (user != 0) options.folder = "/";
  if (!environment.empty()) {
    options.keep_environment = false;
    options.environment = environment;
  }
  const int status = sandbox::ChildProcess(options).wait();
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(out.get()), contents(err.get())};
}

sandbox::ChildProcess start_command(const std::vector<std::string>& words, int input) {
  auto options = options_for(words);
  options.input = input;
  return sandbox::ChildProcess(options);
}

}  // namespace reckon::tests
