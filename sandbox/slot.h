#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "sandbox/child_process.h"
#include "sandbox/group.h"

namespace reckon::sandbox {

/// A thread that does one piece of work at a time for a caller who waits. What it starts dies with
/// it, so it lives as long as its slot.
class StartingThread {
 public:
  StartingThread();
  StartingThread(const StartingThread&) = delete;
  StartingThread& operator=(const StartingThread&) = delete;
  ~StartingThread();
  /// Runs `work` on the thread and waits; passes on what it throws.
  void run(const std::function<void()>& work);

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* work_ = nullptr;
  std::exception_ptr error_;
  bool stop_ = false;
  std::thread thread_;
};

/// A number that no other slot of this process has: two sandboxes share neither group nor user.
int next_slot_number();

/// What one box at a time borrows: a control group, an identity on the host and the thread that
/// starts its processes. One user at a time.
class Slot {
 public:
  /// `groups` may be null. `user` 0 keeps the caller's identity.
  Slot(int number, uint32_t user, Groups* groups);

  /// Starts a child inside the group under the slot's identity.
  ChildProcess start(ChildOptions options);
  Group* group() { return group_.get(); }
  uint32_t user() const { return user_; }

 private:
  uint32_t user_;
  std::unique_ptr<Group> group_;
  StartingThread thread_;  // ends before its group is removed
};

}  // namespace reckon::sandbox
