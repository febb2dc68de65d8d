#include "rl/scoring_queue.h"

namespace reckon::rl {

ScoringQueue::ScoringQueue(Score score, int threads) : score_(std::move(score)) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

ScoringQueue::~ScoringQueue() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void ScoringQueue::push(ScoredGroup& group) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(&group);
  }
  changed_.notify_one();
}

void ScoringQueue::finish() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
  if (failure_) std::rethrow_exception(failure_);
}

void ScoringQueue::work() {
  for (;;) {
    ScoredGroup* group = nullptr;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
      if (waiting_.empty() || failure_) return;
      group = waiting_.front();
      waiting_.pop_front();
    }
    try {
      score_(*group);
    } catch (...) {
      // Kept for `finish`: a thread has nobody to throw to.
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }
}

}  // namespace reckon::rl
