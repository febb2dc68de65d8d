#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/chat/template_lexer.h"

namespace reckon::policy::jinja {

/// The tokens of a template with a place in them, for a parser that goes down by recursion. What
/// fails throws Error(unsupported) that names what was expected, what was found and its line.
class TokenStream {
 public:
  /// `tokens` ends with an `end`, which is never passed.
  explicit TokenStream(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  /// Levels of brackets and of blocks inside each other.
  static constexpr int kMaxNesting = 100;

  const Token& peek(size_t ahead = 0) const;
  Token next();
  bool at_symbol(std::string_view symbol) const { return peek().is_symbol(symbol); }
  bool at_name(std::string_view name) const { return peek().is_name(name); }
  /// Steps over a symbol or name if it is the next token.
  bool skip_symbol(std::string_view symbol);
  bool skip_name(std::string_view name);
  void expect_symbol(std::string_view symbol);
  void expect_kind(TokenKind kind, std::string_view what);
  std::string expect_name(std::string_view what);
  [[noreturn]] void fail_here(std::string_view expected) const;

  /// Counts one more level while it lives.
  class Nesting {
   public:
    explicit Nesting(TokenStream& parser);
    ~Nesting() { --parser_.nesting_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    TokenStream& parser_;
  };

 private:
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int nesting_ = 0;
};

}  // namespace reckon::policy::jinja
