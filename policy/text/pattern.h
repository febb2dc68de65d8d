#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace reckon::policy {

/// A compiled regular expression over UTF-8 text. Immutable, hence thread-safe; `PatternSearch`
/// uses it.
class Pattern {
 public:
  /// Compiles an expression in the syntax of tokenizer.json (see `translate_pattern`), which stands
  /// at `place` in messages. Throws Error(unsupported) and Error(corrupt).
  static Pattern from_source(std::string_view source, const std::string& place);

  /// Matches exactly `text`, which must be UTF-8 and not empty.
  static Pattern from_literal(std::string_view text, const std::string& place);

 private:
  friend class PatternSearch;
  struct Compiled;

  explicit Pattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  static Pattern compile(const std::string& expression, const std::string& place);

  std::shared_ptr<const Compiled> compiled_;
};

/// The bytes of a text from `begin` to before `end`.
struct TextSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Finds the matches of a pattern one after the other. Not thread-safe.
class PatternSearch {
 public:
  explicit PatternSearch(const Pattern& pattern);
  PatternSearch(PatternSearch&&) noexcept;
  ~PatternSearch();

  /// Begins at the start of `text`, which must be UTF-8 and live until the search ends.
  void start(std::string_view text);

  /// The next match that does not overlap the last one, or none. A match may be empty, but not
  /// where the last match ended. Throws Error(invalid_argument) if the expression needs more steps
  /// on this text than the limit allows.
  std::optional<TextSpan> next();

 private:
  struct State;

  std::shared_ptr<const Pattern::Compiled> compiled_;
  std::unique_ptr<State> state_;
  std::string_view text_;
  std::size_t from_ = 0;
  std::optional<std::size_t> last_end_;
};

}  // namespace reckon::policy
