#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace reckon::policy {

/// What becomes of two neighbouring tokens: lower ranks are merged first.
struct Merge {
  std::int32_t rank = 0;
  std::int32_t id = 0;  // of the token that both become
};

/// A map from pairs of ids to merges, by open addressing. Immutable once filled, then thread-safe.
class MergeTable {
 public:
  /// Room for `count` merges.
  explicit MergeTable(std::size_t count) {
    std::size_t size = 16;
    while (size < 2 * count + 1) {
      size *= 2;
      --shift_;
    }
    entries_.resize(size);
  }

  /// Adds a merge or replaces that of the same pair. Ids must not be negative; no more pairs than
  /// there is room for.
  void set(std::int32_t left, std::int32_t right, const Merge& merge) {
    entries_[find_entry(key_of(left, right))] = {key_of(left, right), merge};
  }

  /// The merge of a pair, or null.
  const Merge* find(std::int32_t left, std::int32_t right) const {
    const Entry& entry = entries_[find_entry(key_of(left, right))];
    return entry.key == kEmpty ? nullptr : &entry.merge;
  }

 private:
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};

  struct Entry {
    std::uint64_t key = kEmpty;
    Merge merge;
  };

  static std::uint64_t key_of(std::int32_t left, std::int32_t right) {
    return (std::uint64_t{static_cast<std::uint32_t>(left)} << 32) |
           static_cast<std::uint32_t>(right);
  }

  // Where the key is, or the free place where it would be. At least half of the places are free.
  std::size_t find_entry(std::uint64_t key) const {
    std::size_t at = (key * 0x9E3779B97F4A7C15u) >> shift_;
    while (entries_[at].key != key && entries_[at].key != kEmpty) {
      at = (at + 1) & (entries_.size() - 1);
    }
    return at;
  }

  std::vector<Entry> entries_;
  int shift_ = 60;  // keeps as many high bits of the product as number the entries
};

}  // namespace reckon::policy
