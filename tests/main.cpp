// The `main` of every test binary: doctest's own options, and `--threads=N` for tensor operators.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <charconv>
#include <cstdio>
#include <string_view>

#include "tests/threads.h"

namespace {

constexpr std::string_view kThreads = "--threads=";
constexpr int kMostThreads = 1024;
constexpr int kBadUsage = 2;

// The thread count given, or `otherwise` without the option, or 0 if it is not a sensible number.
int threads_option(int argc, char** argv, int otherwise) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (!argument.starts_with(kThreads)) continue;
    const std::string_view digits = argument.substr(kThreads.size());
    int count = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), count);
    const bool number = error == std::errc() && end == digits.end();
    return number && count >= 1 && count <= kMostThreads ? count : 0;
  }
  return otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const int threads = threads_option(argc, argv, 2);
  if (threads == 0) {
    std::fprintf(stderr, "expected --threads=1 to --threads=%d\n", kMostThreads);
    return kBadUsage;
  }
  reckon::tests::set_threads(threads);
  doctest::Context context(argc, argv);
  return context.run();
}
