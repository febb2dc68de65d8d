#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace reckon::policy {

/// Remembers the ids of short words, as texts repeat them. Of fixed size: a new word takes the
/// place of another. Not thread-safe.
class WordCache {
 public:
  /// The ids of `word`, valid until the next `put`, or none.
  std::optional<std::span<const std::int32_t>> find(std::string_view word) const {
    if (word.size() > kMaxBytes || slots_.empty()) return std::nullopt;
    const Slot& slot = slots_[place(word)];
    if (slot.size != word.size() || std::memcmp(slot.word.data(), word.data(), word.size()) != 0) {
      return std::nullopt;
    }
    return std::span<const std::int32_t>(slot.ids).first(slot.count);
  }

  /// Stores a word that is not empty; words and lists of ids that are too long are left out.
  void put(std::string_view word, std::span<const std::int32_t> ids) {
    if (word.size() > kMaxBytes || ids.size() > kMaxIds) return;
    if (slots_.empty()) slots_.resize(kSlots);
    Slot& slot = slots_[place(word)];
    std::copy(word.begin(), word.end(), slot.word.begin());
    std::copy(ids.begin(), ids.end(), slot.ids.begin());  // there may be none
    slot.size = static_cast<std::uint8_t>(word.size());
    slot.count = static_cast<std::uint8_t>(ids.size());
  }

 private:
  static constexpr std::size_t kSlots = std::size_t{1} << 15;  // 2 MiB in all
  static constexpr std::size_t kMaxBytes = 30;
  static constexpr std::size_t kMaxIds = 8;

  struct Slot {
    std::uint8_t size = 0;  // 0 for an empty slot: no word is empty
    std::uint8_t count = 0;
    std::array<char, kMaxBytes> word;
    std::array<std::int32_t, kMaxIds> ids;
  };

  static std::size_t place(std::string_view word) {
    return std::hash<std::string_view>()(word) % kSlots;
  }

  std::vector<Slot> slots_;
};

}  // namespace reckon::policy
