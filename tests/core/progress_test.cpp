#include "core/progress.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "core/log.h"

using reckon::format_bytes;
using reckon::format_count;
using reckon::format_duration;
using reckon::Progress;
using reckon::ProgressOptions;

namespace {

// A stream that keeps what is printed.
class Screen {
 public:
  Screen() : stream_(::open_memstream(&text_, &size_)) {}
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  ~Screen() {
    std::fclose(stream_);
    std::free(text_);
  }
  std::FILE* stream() { return stream_; }
  std::string text() {
    std::fflush(stream_);
    return {text_, size_};
  }
  size_t count(const std::string& part) {
    size_t found = 0;
    const std::string all = text();
    for (size_t at = all.find(part); at != std::string::npos; at = all.find(part, at + 1)) ++found;
    return found;
  }

 private:
  char* text_ = nullptr;
  size_t size_ = 0;
  std::FILE* stream_;
};

}  // namespace

TEST_CASE("durations, counts and bytes are short") {
  CHECK(format_duration(0.44) == "0.4s");
  CHECK(format_duration(9.96) == "10s");
  CHECK(format_duration(59.7) == "1m00s");
  CHECK(format_duration(185) == "3m05s");
  CHECK(format_duration(7620) == "2h07m");
  CHECK(format_duration(3 * 86400 + 4 * 3600) == "3d04h");
  CHECK(format_duration(-1) == "0.0s");
  CHECK(format_duration(std::numeric_limits<double>::infinity()) == "?");
  CHECK(format_count(17) == "17");
  CHECK(format_count(2.5) == "2.5");
  CHECK(format_count(999.7) == "1.0k");
  CHECK(format_count(1234) == "1.2k");
  CHECK(format_count(123456) == "123k");
  CHECK(format_count(999999) == "1.0M");
  CHECK(format_count(3.2e6) == "3.2M");
  CHECK(format_count(5e15) == "5000T");
  CHECK(format_bytes(512) == "512 B");
  CHECK(format_bytes(1536) == "1.5 KiB");
  CHECK(format_bytes(1048575) == "1.0 MiB");
  CHECK(format_bytes(UINT64_MAX) == "16384.0 PiB");
}

TEST_CASE("on a terminal a bar is drawn over itself, at most ten times a second") {
  Screen screen;
  double now = 0;
  Progress progress("step", 1000, screen.stream(),
                    ProgressOptions{.is_terminal = true, .width = 80, .now = [&] { return now; }});
  for (uint64_t i = 1; i <= 500; ++i) {
    now = static_cast<double>(i) * 0.01;
    progress.update(i, "loss 0.5");
  }
  progress.finish();
  CHECK(screen.count("\r") >= 45);
  CHECK(screen.count("\r") <= 52);
  CHECK(screen.count("\n") == 1);
  CHECK(screen.text().find("[##########..........] 500/1000, 100/s, 5.0s left, loss 0.5") !=
        std::string::npos);
}

TEST_CASE("elsewhere there is a plain line at most every ten seconds, and the last state") {
  Screen screen;
  double now = 0;
  {
    Progress progress(
        "step", 100, screen.stream(),
        ProgressOptions{.is_terminal = false, .width = 0, .now = [&] { return now; }});
    for (uint64_t i = 1; i <= 100; ++i) {
      now = static_cast<double>(i) * 0.5;
      progress.update(i);
    }
  }
  CHECK(screen.count("\n") == 6);  // at 0.5, 10.5, 20.5, 30.5, 40.5 and the end
  CHECK(screen.count("\r") == 0);
  CHECK(screen.count("\x1b") == 0);
  CHECK(screen.text().find("step 100/100, 2/s, took 50s\n") != std::string::npos);
}

TEST_CASE("what was done before a resume does not count in the rate") {
  Screen screen;
  double now = 0;
  Progress progress(
      "step", 120, screen.stream(),
      ProgressOptions{.is_terminal = false, .width = 0, .done = 100, .now = [&] { return now; }});
  now = 10;
  progress.update(105);
  CHECK(screen.text() == "step 105/120, 2.0s each, 30s left\n");
}

TEST_CASE("a bar is cut to the width and cannot break out of its line") {
  Screen screen;
  Progress progress("step", 10, screen.stream(),
                    ProgressOptions{.is_terminal = true, .width = 50, .now = [] { return 1.0; }});
  std::string text = "a\nb\x1b[2J";
  for (int i = 0; i < 50; ++i) text += "\u00e9";
  progress.update(0, text);
  const std::string drawn = screen.text();
  REQUIRE(drawn.starts_with("\r"));
  REQUIRE(drawn.ends_with("\x1b[K"));
  const std::string line = drawn.substr(1, drawn.size() - 4);
  CHECK(line.find('\n') == std::string::npos);
  CHECK(line.find('\x1b') == std::string::npos);
  const auto starts = std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  });
  CHECK(starts == 49);
  CHECK(line.ends_with("\u00e9"));
}

TEST_CASE("a message goes above the bar, which is drawn again") {
  Screen screen;
  Progress progress("step", 10, screen.stream(),
                    ProgressOptions{.is_terminal = true, .width = 80, .now = [] { return 1.0; }});
  progress.update(5);
  const size_t before = screen.text().size();
  reckon::print_above_progress(screen.stream(), "hello");
  const std::string added = screen.text().substr(before);
  CHECK(added.starts_with("\r\x1b[Khello\n\rstep ["));
  progress.finish();
  const size_t finished = screen.text().size();
  reckon::print_above_progress(screen.stream(), "bye");
  CHECK(screen.text().substr(finished) == "bye\n");
}

TEST_CASE("nothing is drawn after the end, and nothing for a loop that never moved") {
  Screen screen;
  {
    Progress progress("step", 10, screen.stream(), true);
    progress.finish();
    progress.update(5);
  }
  CHECK(screen.text().empty());
}

TEST_CASE("threads may update and log at the same time") {
  Screen screen;
  Progress progress("step", 4000, screen.stream(), true);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (uint64_t i = 0; i < 1000; ++i) {
        progress.update(i);
        if (i % 100 == 0) reckon::print_above_progress(screen.stream(), "message");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  progress.finish();
  CHECK(screen.count("message\n") == 40);
}
