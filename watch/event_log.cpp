#include "watch/event_log.h"

#include <chrono>
#include <utility>

namespace reckon::watch {

namespace {

constexpr size_t kMostKept = 1000;

}  // namespace

uint64_t EventLog::end() const {
  const std::lock_guard lock(mutex_);
  return begin_ + events_.size();
}

void EventLog::publish(LiveEvent event) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    if (events_.size() > kMostKept) {
      events_.pop_front();
      ++begin_;
    }
  }
  changed_.notify_all();
}

std::vector<LiveEvent> EventLog::wait(uint64_t& position, double seconds) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::duration<double>(seconds),
                    [&] { return closed_ || begin_ + events_.size() > position; });
  std::vector<LiveEvent> events;
  if (position < begin_) {
    events.push_back({"runs", "{}"});
    position = begin_;
  }
  const auto first = events_.begin() + static_cast<std::ptrdiff_t>(position - begin_);
  events.insert(events.end(), first, events_.end());
  position = begin_ + events_.size();
  return events;
}

void EventLog::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

bool EventLog::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

}  // namespace reckon::watch
