#include "core/philox.h"

#include <cmath>
#include <numbers>

#include "core/hash.h"

namespace reckon {
namespace {

constexpr uint32_t kSequenceLane = UINT32_MAX;

constexpr uint64_t join_words(uint32_t high, uint32_t low) { return uint64_t{high} << 32 | low; }

constexpr double unit_interval(uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

}  // namespace

std::array<uint32_t, 4> philox4x32_10(std::array<uint32_t, 4> counter,
                                      std::array<uint32_t, 2> key) {
  // The constants of the paper's section 4.3: two multipliers found by search, and the golden ratio
  // and sqrt(3) - 1 as Weyl steps of the key.
  constexpr uint64_t kMultiplier0 = 0xD2511F53;
  constexpr uint64_t kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9;
  constexpr uint32_t kWeyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = kMultiplier0 * counter[0];
    const uint64_t product1 = kMultiplier1 * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

RandomStream::RandomStream(const StreamAddress& address) {
  // A chain, not a sum of the four, so that no two fields can cancel each other out.
  uint64_t key = mix64(address.seed);
  key = mix64(key ^ address.stage);
  key = mix64(key ^ static_cast<uint32_t>(address.purpose));
  key = mix64(key ^ address.step);
  key_ = {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32)};
}

std::array<uint32_t, 4> RandomStream::block(uint32_t lane, uint32_t position, uint32_t sample,
                                            uint32_t prompt) const {
  return philox4x32_10({lane, position, sample, prompt}, key_);
}

double RandomStream::uniform(uint32_t position, uint32_t sample, uint32_t prompt,
                             uint32_t lane) const {
  const auto words = block(lane, position, sample, prompt);
  return unit_interval(join_words(words[0], words[1]));
}

uint64_t RandomSequence::next_u64() {
  if (half_left_) {
    half_left_ = false;
    return join_words(block_[2], block_[3]);
  }
  check(position_ <= UINT32_MAX, ErrorCode::internal,
        "expected at most 2^33 numbers of one random sequence, got more");
  block_ = stream_.block(kSequenceLane, static_cast<uint32_t>(position_), sample_, prompt_);
  ++position_;
  half_left_ = true;
  return join_words(block_[0], block_[1]);
}

uint32_t RandomSequence::next_below(uint32_t n) {
  check(n > 0, ErrorCode::invalid_argument, "expected a positive number of choices, got 0");
  // The high word of bits * n is the answer; the `excess` lowest products would make some answers
  // likelier than others (Lemire, "Fast random integer generation in an interval", 2019).
  const uint32_t excess = static_cast<uint32_t>(-n) % n;
  for (;;) {
    const uint64_t product = (next_u64() >> 32) * n;
    if (static_cast<uint32_t>(product) >= excess) return static_cast<uint32_t>(product >> 32);
  }
}

double RandomSequence::next_uniform() { return unit_interval(next_u64()); }

double RandomSequence::next_normal() {
  const double radius = std::sqrt(-2.0 * std::log1p(-next_uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * next_uniform());
}

}  // namespace reckon
