#pragma once

#include <string_view>
#include <vector>

#include "rewards/math/tree.h"
#include "rewards/verdict.h"

namespace reckon::rewards::math {

/// Limits that are checked before anything is computed.
struct Guards {
  static constexpr size_t kBytes = 4096;
  static constexpr size_t kTokens = 2048;
  static constexpr size_t kNodes = 1024;
  static constexpr int kNesting = 64;
  static constexpr size_t kDigits = 1000;
  static constexpr size_t kItems = 64;  ///< of a list, set, tuple; cells of a matrix
  static constexpr int kRootIndex = 64;
};

/// Options of reading.
struct ReadOptions {
  bool decimal_comma = false;  ///< 1,22 may be a number
};

/// The readings of a text, at most two (rules 21 and 22); or none, and why: `unreadable`, `guard`
/// or `no_answer` (nothing but blanks).
struct ReadResult {
  std::vector<Reading> readings;
  Reason failure = Reason::unreadable;
  bool ok() const { return !readings.empty(); }
};

/// Reads the text of an answer, LaTeX or plain, after the clean-up of 2.3 and 2.4, which it does
/// itself. Linear in the text up to the guards. Never throws on content. Thread-safe.
ReadResult read_answer(std::string_view text, const ReadOptions& options = {});

}  // namespace reckon::rewards::math
