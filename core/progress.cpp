#include "core/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>

namespace reckon {
namespace {

constexpr double kSecondsBetweenBars = 0.1;
constexpr double kSecondsBetweenLines = 10.0;
constexpr int kDefaultWidth = 80;

// Which Progress owns the last line of the terminal. The terminal belongs to the whole process, so
// this is one of the few things that must, too.
struct ActiveProgress {
  std::mutex mutex;
  Progress* progress = nullptr;
};

ActiveProgress& active_progress() {
  static ActiveProgress active;
  return active;
}

int terminal_width(std::FILE* stream, int wanted) {
  if (wanted > 0) return wanted;
  winsize size = {};
  if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kDefaultWidth;
}

// At most `width` characters of UTF-8 `text` on one line.
std::string one_line(std::string_view text, int width) {
  std::string line;
  int columns = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool continues = (byte & 0xC0) == 0x80;
    if (!continues && ++columns > width) break;
    line += byte < 0x20 || byte == 0x7F ? ' ' : c;
  }
  return line;
}

std::string bar(double share) {
  constexpr int kCells = 20;
  const int full = static_cast<int>(std::clamp(share, 0.0, 1.0) * kCells);
  return "[" + std::string(static_cast<size_t>(full), '#') +
         std::string(static_cast<size_t>(kCells - full), '.') + "]";
}

}  // namespace

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds) || seconds > 1e9) return "?";
  seconds = std::max(seconds, 0.0);
  if (seconds < 9.95) return fmt::format("{:.1f}s", seconds);
  const int64_t whole = std::llround(seconds);
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m{:02}s", whole / 60, whole % 60);
  if (whole < 86400) return fmt::format("{}h{:02}m", whole / 3600, whole % 3600 / 60);
  return fmt::format("{}d{:02}h", whole / 86400, whole % 86400 / 3600);
}

std::string format_count(double count) {
  if (!std::isfinite(count)) return "?";
  constexpr std::array<const char*, 5> kUnits = {"", "k", "M", "G", "T"};
  size_t unit = 0;
  // 999.5 and not 1000: 999,999 must become 1.0M, not 1000k.
  while (std::abs(count) >= 999.5 && unit + 1 < kUnits.size()) {
    count /= 1000;
    ++unit;
  }
  const bool whole = unit == 0 ? count == std::round(count) : std::abs(count) >= 99.95;
  return fmt::format("{:.{}f}{}", count, whole || std::abs(count) >= 99.95 ? 0 : 1, kUnits[unit]);
}

std::string format_bytes(uint64_t bytes) {
  constexpr std::array<const char*, 6> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto amount = static_cast<double>(bytes);
  size_t unit = 0;
  while (amount >= 1023.95 && unit + 1 < kUnits.size()) {
    amount /= 1024;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", amount, unit == 0 ? 0 : 1, kUnits[unit]);
}

Progress::Progress(std::string label, uint64_t total, std::FILE* stream, bool is_terminal)
    : Progress(std::move(label), total, stream, ProgressOptions{.is_terminal = is_terminal}) {}

Progress::Progress(std::string label, uint64_t total, std::FILE* stream, ProgressOptions options)
    : label_(std::move(label)),
      total_(total),
      stream_(stream),
      options_(std::move(options)),
      started_(options_.now()),
      done_(options_.done),
      drawn_at_(started_) {
  if (!options_.is_terminal) return;
  ActiveProgress& active = active_progress();
  const std::scoped_lock lock(active.mutex);
  active.progress = this;
}

Progress::~Progress() { finish(); }

void Progress::update(uint64_t done, std::string_view text) {
  const std::scoped_lock lock(mutex_);
  if (finished_) return;
  done_ = done;
  text_ = text;
  stale_ = true;
  const double now = options_.now();
  const double pause = options_.is_terminal ? kSecondsBetweenBars : kSecondsBetweenLines;
  if (!ever_drawn_ || now - drawn_at_ >= pause) draw(now);
}

void Progress::finish() {
  {
    ActiveProgress& active = active_progress();
    const std::scoped_lock lock(active.mutex);
    if (active.progress == this) active.progress = nullptr;
  }
  const std::scoped_lock lock(mutex_);
  if (std::exchange(finished_, true)) return;
  if (stale_) draw(options_.now());
  if (visible_) std::fputc('\n', stream_);
  visible_ = false;
  std::fflush(stream_);
}

std::string Progress::describe(double now) const {
  const double elapsed = std::max(now - started_, 1e-9);
  const double rate =
      done_ > options_.done ? static_cast<double>(done_ - options_.done) / elapsed : 0.0;
  std::string line = label_;
  if (total_ > 0) {
    const double share = static_cast<double>(done_) / static_cast<double>(total_);
    line += options_.is_terminal ? fmt::format(" {} {}/{}", bar(share), done_, total_)
                                 : fmt::format(" {}/{}", done_, total_);
  } else {
    line += fmt::format(" {}", done_);
  }
  if (rate > 0) {
    // Slow loops read better as seconds each.
    line += rate >= 1 ? fmt::format(", {}/s", format_count(rate))
                      : fmt::format(", {} each", format_duration(1 / rate));
    if (total_ > done_) {
      line += fmt::format(", {} left", format_duration(static_cast<double>(total_ - done_) / rate));
    } else {
      line += fmt::format(", took {}", format_duration(elapsed));
    }
  }
  if (!text_.empty()) line += ", " + text_;
  return line;
}

void Progress::draw(double now) {
  const std::string line = describe(now);
  if (options_.is_terminal) {
    // One column stays free: a character in the last one makes some terminals begin a new line.
    const int width = terminal_width(stream_, options_.width) - 1;
    std::fputs(fmt::format("\r{}\x1b[K", one_line(line, width)).c_str(), stream_);
    visible_ = true;
  } else {
    std::fputs((one_line(line, INT32_MAX) + "\n").c_str(), stream_);
  }
  std::fflush(stream_);
  drawn_at_ = now;
  ever_drawn_ = true;
  stale_ = false;
}

void Progress::clear_line() {
  if (visible_) std::fputs("\r\x1b[K", stream_);
}

void print_above_progress(std::FILE* stream, std::string_view line) {
  ActiveProgress& active = active_progress();
  const std::scoped_lock lock(active.mutex);
  const auto print = [&] {
    std::fwrite(line.data(), 1, line.size(), stream);
    std::fputc('\n', stream);
    std::fflush(stream);
  };
  if (active.progress == nullptr) {
    print();
    return;
  }
  Progress& progress = *active.progress;
  const std::scoped_lock progress_lock(progress.mutex_);
  progress.clear_line();
  std::fflush(progress.stream_);
  print();
  if (progress.visible_) progress.draw(progress.options_.now());
}

}  // namespace reckon
