#pragma once

#include <cstdint>
#include <vector>

#include "tasks/corpus.h"

namespace reckon::rl {

/// Documents of one data set, and how often each comes in an epoch.
struct SftSet {
  std::vector<tasks::DocumentIds> documents;
  double weight = 1.0;
};

/// The documents of several data sets as one endless list, epoch after epoch, each in an order of
/// its own: a pure function of seed, stage and position, so that a reader's state is one integer.
/// Each set is read in passes that are permutations of its documents; a weight of 0.5 puts half a
/// pass into an epoch and the other half into the next, a weight of 2 two passes. Not thread-safe:
/// the order of the epoch last asked for is kept.
class SftOrder {
 public:
  /// Sets must not be empty, weights must be positive.
  SftOrder(std::vector<SftSet> sets, uint64_t seed, uint32_t stage);

  /// The document at `position` (0, 1, 2, ...; there is no last one).
  const tasks::DocumentIds& at(uint64_t position) const;

  /// Position of the first document of an epoch.
  uint64_t epoch_begin(uint64_t epoch) const;

  /// Epochs that are over before `position`, and the share of the one under way.
  double epochs_before(uint64_t position) const;

  /// The position behind the first `epochs` epochs; a part of one is rounded up to a whole
  /// document.
  uint64_t end_of(double epochs) const;

  /// Optimizer steps that read all positions before `end`, with at most `tokens_per_step` tokens
  /// each in whole documents.
  int64_t count_steps(int64_t tokens_per_step, uint64_t end) const;

  const std::vector<SftSet>& sets() const { return sets_; }

 private:
  struct Place {
    uint32_t set = 0, document = 0;
  };

  uint64_t set_begin(size_t set, uint64_t epoch) const;
  uint64_t epoch_at(uint64_t position) const;
  void arrange(uint64_t epoch) const;

  std::vector<SftSet> sets_;
  uint64_t seed_;
  uint32_t stage_;
  mutable bool arranged_ = false;
  mutable uint64_t epoch_ = 0;
  mutable std::vector<Place> order_;  // of epoch_
};

}  // namespace reckon::rl
