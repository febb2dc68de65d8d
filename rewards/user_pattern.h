#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "rewards/verdict.h"

namespace reckon::rewards {

/// A regular expression that a user wrote, in the syntax of PCRE2. Matching costs a bounded number
/// of steps, a bounded depth and bounded memory. Immutable; thread-safe.
class UserPattern {
 public:
  /// Throws Error(invalid_argument) that says what is wrong and where.
  explicit UserPattern(const std::string& pattern);
  ~UserPattern();
  UserPattern(UserPattern&&) noexcept;

  /// Whether it has a group named `answer`, or a first group, whose text is the answer.
  bool has_answer() const;

  /// Looks for the first match in `text`. Without a group: `passed` or `no_answer`. With one: its
  /// text, without the blanks around, is `equal_text` to `gold` or `different`. `guard` if a limit
  /// was reached.
  Verdict grade(std::string_view text, std::string_view gold) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace reckon::rewards
