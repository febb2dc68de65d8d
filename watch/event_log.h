#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace reckon::watch {

/// Something that readers of the page are told.
struct LiveEvent {
  std::string type;  ///< `runs` or `run`
  std::string data;  ///< JSON on one line
};

/// Hands events from the one that looks at the folder to all readers. The last 1000 are kept: a
/// reader that falls further behind is told to read the list of runs again. Thread-safe.
class EventLog {
 public:
  /// What a reader that begins now gives to `wait`.
  uint64_t end() const;

  /// Tells all readers.
  void publish(LiveEvent event);

  /// The events from number `position` on, which is moved behind them. Waits at most `seconds` for
  /// the first; none may come.
  std::vector<LiveEvent> wait(uint64_t& position, double seconds);

  /// Ends all waiting, now and later.
  void close();
  bool closed() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<LiveEvent> events_;
  uint64_t begin_ = 0;  // number of the first event that is kept
  bool closed_ = false;
};

}  // namespace reckon::watch
