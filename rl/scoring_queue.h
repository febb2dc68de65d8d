#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "rl/sampling_round.h"

namespace reckon::rl {

/// Scores groups on threads of its own while others are still being sampled, for rewards that wait
/// for other processes. What a group scores does not depend on when or where that happens.
class ScoringQueue {
 public:
  /// What is done with each group; called from the queue's threads.
  using Score = std::function<void(ScoredGroup&)>;

  ScoringQueue(Score score, int threads);
  /// Drops what was not begun and waits for the rest.
  ~ScoringQueue();

  /// Takes a complete group, which must live until `finish`. Thread-safe.
  void push(ScoredGroup& group);

  /// Waits until everything is scored. Throws the first error of a scoring thread.
  void finish();

 private:
  void work();

  const Score score_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ScoredGroup*> waiting_;
  std::exception_ptr failure_;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace reckon::rl
