#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reckon::policy::jinja {

enum class TokenKind {
  data,            // text between the tags
  variable_begin,  // {{
  variable_end,    // }}
  block_begin,     // {%
  block_end,       // %}
  name,
  string,
  integer,
  floating,
  symbol,  // operators and brackets
  end,
};

/// A piece of a template. `text` is the value of a string without quotes and escapes, and the
/// digits of a number without underscores.
struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;
  std::int64_t line = 1;

  bool is(TokenKind wanted, std::string_view value) const {
    return kind == wanted && text == value;
  }
  bool is_symbol(std::string_view value) const { return is(TokenKind::symbol, value); }
  bool is_name(std::string_view value) const { return is(TokenKind::name, value); }
};

/// Cuts a template into tokens; the last one is `end`. White space is handled as by Jinja with
/// trim_blocks and lstrip_blocks, and `-` and `+` in tags. Comments are left out. Throws
/// Error(unsupported) that names the line where the text is no template.
std::vector<Token> tokenize_template(std::string_view source);

}  // namespace reckon::policy::jinja
