#pragma once

#include <string>
#include <string_view>

namespace reckon::policy {

/// Translates a regular expression of a tokenizer.json, which is written for Oniguruma with its
/// Ruby syntax and Unicode 16, into one for PCRE2 with UTF and UCP that matches the same. What the
/// two libraries understand differently is rewritten: \s, \w, \d, properties, line anchors, and the
/// intervals without a lower bound. `source` is UTF-8 and stands at `place` in messages. Throws
/// Error(unsupported), naming the construct, for what this program does not know (named groups,
/// back references, classes in classes, ...) and Error(corrupt) for a broken expression.
std::string translate_pattern(std::string_view source, const std::string& place);

/// An expression for PCRE2 that matches exactly `text` (UTF-8).
std::string literal_pattern(std::string_view text);

}  // namespace reckon::policy
