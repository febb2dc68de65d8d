#include "policy/text/pre_tokenizer.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "core/utf8.h"
#include "policy/text/tokenizer_files.h"
#include "policy/text/unicode_classes.h"

namespace reckon::policy {
namespace {

using Json = nlohmann::json;
using Behavior = SplitStep::Behavior;

constexpr std::size_t kMaxSteps = 32;
constexpr int kMaxDepth = 8;

// How GPT-2 cuts a text: English contractions, then letters, numbers or other characters with at
// most one space before them, then white space.
constexpr std::string_view kGpt2Words =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

constexpr std::array<std::pair<std::string_view, Behavior>, 5> kBehaviors = {
    {{"Removed", Behavior::removed},
     {"Isolated", Behavior::isolated},
     {"MergedWithPrevious", Behavior::merged_with_previous},
     {"MergedWithNext", Behavior::merged_with_next},
     {"Contiguous", Behavior::contiguous}}};

// A stretch of a text that matches the pattern or lies between matches.
struct Stretch {
  TextSpan span;
  bool match = false;
};

std::vector<Stretch> find_stretches(PatternSearch& search, std::string_view text, bool invert) {
  std::vector<Stretch> result;
  std::size_t end = 0;
  search.start(text);
  while (const std::optional<TextSpan> match = search.next()) {
    if (match->begin != end) result.push_back({{end, match->begin}, invert});
    result.push_back({*match, !invert});
    end = match->end;
  }
  if (end != text.size()) result.push_back({{end, text.size()}, invert});
  return result;
}

std::vector<Stretch> find_numbers(std::string_view text, bool individual) {
  std::vector<Stretch> result;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    const bool number = is_number(step.character);
    const bool joins = !result.empty() && result.back().match == number && !(number && individual);
    if (joins) {
      result.back().span.end += step.size;
    } else {
      result.push_back({{at, at + step.size}, number});
    }
    at += step.size;
  }
  return result;
}

// Joins matches to their neighbours. `joins(match, previous_match)` says whether a stretch grows
// the one before it in the order of walking.
template <class Stretches, class Joins, class Grow>
std::vector<TextSpan> join(const Stretches& stretches, const Joins& joins, const Grow& grow) {
  std::vector<TextSpan> result;
  bool previous_match = false;
  for (const Stretch& stretch : stretches) {
    if (!result.empty() && joins(stretch.match, previous_match)) {
      grow(result.back(), stretch.span);
    } else {
      result.push_back(stretch.span);
    }
    previous_match = stretch.match;
  }
  return result;
}

std::vector<TextSpan> arrange(std::vector<Stretch> stretches, Behavior behavior) {
  const auto to_right = [](TextSpan& last, TextSpan next) { last.end = next.end; };
  const auto to_left = [](TextSpan& last, TextSpan next) { last.begin = next.begin; };
  const auto lone_match = [](bool match, bool previous) { return match && !previous; };
  switch (behavior) {
    case Behavior::merged_with_previous:
      return join(stretches, lone_match, to_right);
    case Behavior::merged_with_next: {
      std::reverse(stretches.begin(), stretches.end());
      std::vector<TextSpan> result = join(stretches, lone_match, to_left);
      std::reverse(result.begin(), result.end());
      return result;
    }
    case Behavior::contiguous:
      return join(
          stretches, [](bool match, bool previous) { return match == previous; }, to_right);
    case Behavior::removed:
      std::erase_if(stretches, [](const Stretch& stretch) { return stretch.match; });
      [[fallthrough]];
    case Behavior::isolated:
      break;
  }
  return join(
      stretches, [](bool, bool) { return false; }, to_right);
}

using Pieces = std::vector<std::string_view>;

void add_pieces(std::string_view text, const std::vector<TextSpan>& spans, Pieces& out) {
  for (const TextSpan& span : spans) {
    if (span.end > span.begin) out.push_back(text.substr(span.begin, span.end - span.begin));
  }
}

Pieces cut_pieces(const SplitStep& step, const Pieces& pieces) {
  Pieces out;
  PatternSearch search(step.pattern);
  for (const std::string_view piece : pieces) {
    add_pieces(piece, arrange(find_stretches(search, piece, step.invert), step.behavior), out);
  }
  return out;
}

Pieces cut_pieces(const DigitsStep& step, const Pieces& pieces) {
  Pieces out;
  for (const std::string_view piece : pieces) {
    add_pieces(piece, arrange(find_numbers(piece, step.individual), Behavior::isolated), out);
  }
  return out;
}

void cut_words(PatternSearch& search, std::string_view text, const PreTokenizer::Sink& sink) {
  std::size_t end = 0;
  search.start(text);
  while (const std::optional<TextSpan> match = search.next()) {
    if (match->begin > end) sink(text.substr(end, match->begin - end));
    if (match->end > match->begin) sink(text.substr(match->begin, match->end - match->begin));
    end = match->end;
  }
  if (end < text.size()) sink(text.substr(end));
}

Pattern read_pattern(const Json& part, const std::string& place) {
  const Json& pattern = object_member(part, "pattern", place);
  const std::string pattern_place = place + "/pattern";
  if (pattern.contains("String")) {
    return Pattern::from_literal(string_member(pattern, "String", pattern_place), pattern_place);
  }
  return Pattern::from_source(string_member(pattern, "Regex", pattern_place), pattern_place);
}

SplitStep read_split(const Json& part, const std::string& place) {
  const std::string& name = string_member(part, "behavior", place);
  for (const auto& [known, behavior] : kBehaviors) {
    if (known == name) {
      return {.pattern = read_pattern(part, place),
              .behavior = behavior,
              .invert = bool_member(part, "invert", false, place)};
    }
  }
  fail(ErrorCode::unsupported,
       "expected Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous, got {}, in "
       "{}/behavior",
       quote_text(name), place);
}

}  // namespace

PreTokenizer PreTokenizer::read(const Json& document, const std::string& file) {
  PreTokenizer result;
  const auto part = document.find("pre_tokenizer");
  if (part != document.end() && !part->is_null()) result.add(*part, file + "/pre_tokenizer", 0);
  check(result.has_byte_level_, ErrorCode::unsupported,
        "expected ByteLevel, alone or as the last step of a Sequence, got none, in "
        "{}/pre_tokenizer",
        file);
  return result;
}

void PreTokenizer::add(const Json& part, const std::string& place, int depth) {
  const std::string& type = object_type(part, place);
  if (type == "Sequence" && depth < kMaxDepth) {
    const Json& list = list_member(part, "pretokenizers", place);
    for (std::size_t i = 0; i < list.size(); ++i) {
      add(list[i], fmt::format("{}/pretokenizers/{}", place, i), depth + 1);
    }
    return;
  }
  check(!has_byte_level_, ErrorCode::unsupported,
        "expected ByteLevel to be the last step, got {} after it, in {}", quote_text(type), place);
  check(steps_.size() < kMaxSteps, ErrorCode::corrupt, "expected at most {} steps, got more, in {}",
        kMaxSteps, place);
  if (type == "ByteLevel") {
    add_byte_level(part, place);
  } else if (type == "Split") {
    steps_.emplace_back(read_split(part, place));
  } else if (type == "Digits") {
    steps_.emplace_back(
        DigitsStep{.individual = bool_member(part, "individual_digits", false, place)});
  } else {
    fail(ErrorCode::unsupported,
         "expected ByteLevel, Split, Digits or Sequence, got {}, which this program does not know, "
         "in {}",
         quote_text(type), place);
  }
}

void PreTokenizer::add_byte_level(const Json& part, const std::string& place) {
  has_byte_level_ = true;
  add_prefix_space_ = bool_member(part, "add_prefix_space", true, place);
  if (bool_member(part, "use_regex", true, place)) {
    words_.push_back(Pattern::from_source(kGpt2Words, place));
  }
}

void PreTokenizer::split(std::string_view text, const Sink& sink) const {
  Pieces pieces = {text};
  for (const auto& step : steps_) {
    pieces = std::visit([&](const auto& one) { return cut_pieces(one, pieces); }, step);
  }
  std::optional<PatternSearch> search;
  if (!words_.empty()) search.emplace(words_.front());
  std::string prefixed;
  for (std::string_view piece : pieces) {
    if (add_prefix_space_ && !piece.starts_with(' ')) {
      prefixed = " ";
      prefixed += piece;
      piece = prefixed;
    }
    if (search) {
      cut_words(*search, piece, sink);
    } else if (!piece.empty()) {
      sink(piece);
    }
  }
}

}  // namespace reckon::policy
