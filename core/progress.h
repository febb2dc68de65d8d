#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace reckon {

/// Seconds of a clock that never goes back.
double steady_seconds();

/// "0.4s", "12s", "3m05s", "2h07m", "3d04h".
std::string format_duration(double seconds);

/// "17", "1.2k", "3.2M", "7.1G": three digits at most.
std::string format_count(double count);

/// "512 B", "1.5 KiB", "3.2 GiB".
std::string format_bytes(uint64_t bytes);

/// How a `Progress` is shown.
struct ProgressOptions {
  bool is_terminal = false;  ///< one line that is drawn over, else a plain line now and then
  int width = 0;             ///< columns of the terminal; 0 asks the terminal
  uint64_t done = 0;         ///< what was done before, as in a resumed run; not counted in the rate
  std::function<double()> now = steady_seconds;  ///< seconds
};

/// Says how far a long loop is: a bar with rate and time left, drawn at most 10 times a second on a
/// terminal, else one plain line at most every 10 seconds. All members are thread-safe. Failures to
/// print are ignored. Messages of core/log.h go above the line of the newest unfinished Progress.
class Progress {
 public:
  /// `total` 0 means unknown. `stream` must live as long as this object.
  Progress(std::string label, uint64_t total, std::FILE* stream, bool is_terminal);
  Progress(std::string label, uint64_t total, std::FILE* stream, ProgressOptions options);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Like `finish`.
  ~Progress();

  /// `done` of the total are done; `text` is shown behind the numbers.
  void update(uint64_t done, std::string_view text = {});

  /// Shows the last state and ends the line. Later updates do nothing.
  void finish();

 private:
  friend void print_above_progress(std::FILE* stream, std::string_view line);

  std::string describe(double now) const;
  void draw(double now);
  void clear_line();

  const std::string label_;
  const uint64_t total_;
  std::FILE* const stream_;
  const ProgressOptions options_;
  const double started_;

  std::mutex mutex_;
  uint64_t done_;
  std::string text_;
  double drawn_at_;
  bool ever_drawn_ = false;
  bool stale_ = false;    // the state was not drawn yet
  bool visible_ = false;  // a bar stands on the terminal's last line
  bool finished_ = false;
};

/// Prints `line` and a newline to `stream`. A bar that stands there is cleared first and drawn
/// again below. Thread-safe.
void print_above_progress(std::FILE* stream, std::string_view line);

}  // namespace reckon
