#include "policy/chat/token_stream.h"

#include <algorithm>

#include "core/error.h"

namespace reckon::policy::jinja {

namespace {

std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::data:
      return "text";
    case TokenKind::variable_begin:
      return "`{{`";
    case TokenKind::variable_end:
      return "`}}`";
    case TokenKind::block_begin:
      return "`{%`";
    case TokenKind::block_end:
      return "`%}`";
    case TokenKind::end:
      return "the end";
    case TokenKind::string:
      return "a string";
    default:
      return "`" + token.text.substr(0, 40) + "`";
  }
}

}  // namespace

const Token& TokenStream::peek(size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

Token TokenStream::next() {
  Token token = peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool TokenStream::skip_symbol(std::string_view symbol) {
  if (!at_symbol(symbol)) return false;
  next();
  return true;
}

bool TokenStream::skip_name(std::string_view name) {
  if (!at_name(name)) return false;
  next();
  return true;
}

void TokenStream::expect_symbol(std::string_view symbol) {
  if (!skip_symbol(symbol)) fail_here(fmt::format("`{}`", symbol));
}

void TokenStream::expect_kind(TokenKind kind, std::string_view what) {
  if (peek().kind != kind) fail_here(what);
  next();
}

std::string TokenStream::expect_name(std::string_view what) {
  if (peek().kind != TokenKind::name) fail_here(what);
  return next().text;
}

void TokenStream::fail_here(std::string_view expected) const {
  fail(ErrorCode::unsupported, "expected {}, got {}, in the chat template, line {}", expected,
       describe(peek()), peek().line);
}

TokenStream::Nesting::Nesting(TokenStream& parser) : parser_(parser) {
  check(
      parser.nesting_ < kMaxNesting, ErrorCode::unsupported,
      "expected at most {} levels of brackets and blocks, got more, in the chat template, line {}",
      kMaxNesting, parser.peek().line);
  ++parser.nesting_;
}

}  // namespace reckon::policy::jinja
