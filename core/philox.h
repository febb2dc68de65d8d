#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <ranges>

#include "core/error.h"

namespace reckon {

/// The Philox4x32-10 function of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3"
/// (2011): 128 random bits, a pure function of counter and key.
std::array<uint32_t, 4> philox4x32_10(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

/// What a random draw is for. Draws for different purposes never share bits. The numbers are part
/// of what makes a run repeatable: append only.
enum class Purpose : uint32_t {
  sample,     ///< tokens of training rollouts
  eval,       ///< tokens and prompts of evaluations
  shuffle,    ///< order of data
  split,      ///< which part of the data a row belongs to
  grade,      ///< choices of a grader
  init,       ///< first weights
  dropout,    ///< dropped units
  corpus,     ///< generated documents
  reward,     ///< rewards that toss a coin
  bootstrap,  ///< resampling for confidence intervals
};

/// The address of a stream of random numbers within a run.
struct StreamAddress {
  uint64_t seed = 0;   ///< of the run
  uint32_t stage = 0;  ///< index of the stage in the recipe
  Purpose purpose = Purpose::sample;
  uint64_t step = 0;  ///< optimizer step, epoch or document number
};

/// Random numbers addressed by (lane, position, sample, prompt) within a stream: the same numbers
/// in whatever order and on whatever thread they are asked for. The four numbers are the counter of
/// Philox; its key is the address put through
/// `mix64(mix64(mix64(mix64(seed) ^ stage) ^ purpose) ^ step)`. Immutable, thread-safe.
class RandomStream {
 public:
  explicit RandomStream(const StreamAddress& address);

  /// 128 bits. `lane` tells several draws at one place apart; the highest lane is
  /// `RandomSequence`'s.
  std::array<uint32_t, 4> block(uint32_t lane, uint32_t position, uint32_t sample,
                                uint32_t prompt) const;

  /// A multiple of 2^-53 in [0, 1).
  double uniform(uint32_t position, uint32_t sample, uint32_t prompt, uint32_t lane = 0) const;

 private:
  std::array<uint32_t, 2> key_;
};

/// The numbers of one (sample, prompt) of a stream one after another, where nobody needs to address
/// them singly. It walks positions 0, 1, ... of the highest lane, so it shares no bits with
/// `RandomStream::uniform`. Not thread-safe.
class RandomSequence {
 public:
  RandomSequence(const RandomStream& stream, uint32_t sample, uint32_t prompt)
      : stream_(stream), sample_(sample), prompt_(prompt) {}

  /// 64 random bits. Throws Error(internal) after 2^33 of them.
  uint64_t next_u64();

  /// An integer in [0, n), each equally likely (by rejection). Throws Error(invalid_argument) for
  /// n = 0.
  uint32_t next_below(uint32_t n);

  /// A multiple of 2^-53 in [0, 1).
  double next_uniform();

  /// Mean 0, deviation 1 (Box-Muller; two uniforms a call). The last bit depends on the C library.
  double next_normal();

  /// Puts `items` into an order drawn from all orders with equal chances (Fisher-Yates). At most
  /// 2^32 - 1 items.
  template <std::ranges::random_access_range Range>
  void shuffle(Range&& items) {
    const auto size = std::ranges::size(items);
    check(size <= UINT32_MAX, ErrorCode::invalid_argument,
          "expected at most 4294967295 items to shuffle, got {}", size);
    const auto begin = std::ranges::begin(items);
    for (uint32_t left = static_cast<uint32_t>(size); left > 1; --left) {
      const uint32_t chosen = next_below(left);
      std::ranges::iter_swap(begin + (left - 1), begin + chosen);
    }
  }

 private:
  RandomStream stream_;
  uint32_t sample_;
  uint32_t prompt_;
  uint64_t position_ = 0;  // of the next block
  std::array<uint32_t, 4> block_{};
  bool half_left_ = false;  // whether the second half of block_ is unused
};

}  // namespace reckon
