#include "sandbox/slot.h"

#include <signal.h>

#include <atomic>

namespace reckon::sandbox {

StartingThread::StartingThread() : thread_([this] { loop(); }) {}

StartingThread::~StartingThread() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void StartingThread::run(const std::function<void()>& work) {
  std::unique_lock lock(mutex_);
  error_ = nullptr;
  work_ = &work;
  changed_.notify_all();
  changed_.wait(lock, [this] { return work_ == nullptr; });
  if (error_) std::rethrow_exception(error_);
}

void StartingThread::loop() {
  // Signals of the process are for its other threads.
  sigset_t all;
  sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stop_ || work_ != nullptr; });
    if (stop_) return;
    try {
      (*work_)();
    } catch (...) {  // the top of a thread: thrown again where `run` waits
      error_ = std::current_exception();
    }
    work_ = nullptr;
    changed_.notify_all();
  }
}

int next_slot_number() {
  static std::atomic<int> next = 0;
  return next++;
}

Slot::Slot(int number, uint32_t user, Groups* groups) : user_(user) {
  if (groups == nullptr) return;
  group_ = groups->make(number);
  thread_.run([this] { group_->enter(); });
}

ChildProcess Slot::start(ChildOptions options) {
  options.user = user_;
  if (group_) options.group_files = group_->join_files();
  ChildProcess child;
  thread_.run([&] { child = ChildProcess(options); });
  return child;
}

}  // namespace reckon::sandbox
