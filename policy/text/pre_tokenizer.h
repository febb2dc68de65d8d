#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/text/pattern.h"

namespace reckon::policy {

/// Cuts at the matches of a pattern.
struct SplitStep {
  enum class Behavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };

  Pattern pattern;
  Behavior behavior = Behavior::isolated;
  bool invert = false;  // what does not match is what cuts
};

/// Cuts at numbers: each number a piece of its own, or each run of numbers.
struct DigitsStep {
  bool individual = false;
};

/// The pre-tokenizer of a byte-level tokenizer: cuts a text into the words that the model encodes
/// one by one. Immutable, hence thread-safe.
class PreTokenizer {
 public:
  using Sink = std::function<void(std::string_view)>;

  /// From the part `pre_tokenizer` of a parsed tokenizer.json, called `file` in messages: ByteLevel
  /// alone or as the last step of a Sequence of Split and Digits. Throws Error(corrupt) and
  /// Error(unsupported).
  static PreTokenizer read(const nlohmann::json& document, const std::string& file);

  /// Calls `sink` with each word of `text` (UTF-8) in order; none is empty, and the view is valid
  /// during the call only. Throws Error(invalid_argument) like PatternSearch.
  void split(std::string_view text, const Sink& sink) const;

 private:
  PreTokenizer() = default;

  void add(const nlohmann::json& part, const std::string& place, int depth);
  void add_byte_level(const nlohmann::json& part, const std::string& place);

  std::vector<std::variant<SplitStep, DigitsStep>> steps_;
  std::vector<Pattern> words_;  // of ByteLevel; empty if it does not cut
  bool has_byte_level_ = false;
  bool add_prefix_space_ = false;
};

}  // namespace reckon::policy
