#include "cli/picture.h"

#include <poll.h>
#include <unistd.h>

#include "core/error.h"
#include "sandbox/bubblewrap.h"
#include "sandbox/child_process.h"

namespace reckon::cli {
namespace {

constexpr int kMilliseconds = 60'000;
constexpr const char* kSignature = "\x89PNG\r\n\x1a\n";

sandbox::ChildProcess start(int input, int output) {
  sandbox::ChildOptions options;
  options.argv = {"rsvg-convert", "--format", "png", "--zoom", "2", "--background-color", "white"};
  options.keep_environment = true;
  options.input = input;
  options.output = output;
  try {
    return sandbox::ChildProcess(options);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
    fail(ErrorCode::not_found,
         "expected rsvg-convert, which makes PNG pictures, got none: install the Debian package "
         "librsvg2-bin (`apt-get install librsvg2-bin`), or use --svg");
  }
}

}  // namespace

std::string png_of_svg(const std::string& svg) {
  const auto input = sandbox::memory_file(svg);
  const auto output = sandbox::memory_file("");
  auto child = start(input.get(), output.get());
  pollfd end{child.pidfd(), POLLIN, 0};
  if (::poll(&end, 1, kMilliseconds) <= 0) child.kill();
  const int status = child.wait();
  const off_t size = ::lseek(output.get(), 0, SEEK_END);
  std::string bytes(static_cast<size_t>(size > 0 ? size : 0), '\0');
  const ssize_t count = ::pread(output.get(), bytes.data(), bytes.size(), 0);
  check(status == 0 && count == size && bytes.starts_with(kSignature), ErrorCode::io,
        "expected a PNG picture from rsvg-convert, got {} bytes and wait status {}", size, status);
  return bytes;
}

}  // namespace reckon::cli
