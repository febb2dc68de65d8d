#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.h"
#include "policy/chat/template_call.h"
#include "policy/chat/unicode_text.h"

namespace reckon::policy::jinja {
namespace {

std::string text_of(const CallSite& site, const Value& value) {
  return to_text(value, site.budget);
}

Value length(const CallSite& site, const Value& value) {
  if (value.is_undefined()) return 0;
  if (value.is_string()) {
    site.budget.step(1 + value.text().size() / 16);
    return static_cast<std::int64_t>(character_count(value.text()));
  }
  if (value.is_sequence()) return static_cast<std::int64_t>(value.items().size());
  if (value.is_mapping()) return static_cast<std::int64_t>(value.members().size());
  if (const auto loop = value.loop()) return static_cast<std::int64_t>(loop->items.size());
  site.fail_type("something with a length", value);
}

Value json(const CallSite& site, const Value& value, const Arguments& arguments) {
  JsonStyle style;
  style.ensure_ascii = arguments.get(0, "ensure_ascii", false).truth();
  style.sort_keys = arguments.get(3, "sort_keys", false).truth();
  const Value indent = arguments.get(1, "indent", None{});
  if (indent.is_string()) style.indent = indent.text();
  if (const auto width = indent.integer()) {
    const auto spaces = static_cast<std::size_t>(std::clamp<std::int64_t>(*width, 0, 1000));
    style.indent = std::string(spaces, ' ');
  }
  if (style.indent) style.item_separator = ",";
  const Value separators = arguments.get(2, "separators", None{});
  if (separators.is_sequence() && separators.items().size() == 2) {
    style.item_separator = site.text(separators.items()[0]);
    style.key_separator = site.text(separators.items()[1]);
  }
  return site.make(to_json(site, value, style));
}

Value replace(const CallSite& site, const Value& value, const Arguments& arguments) {
  Arguments call;
  for (const auto& [place, name] : {std::pair{0, "old"}, std::pair{1, "new"}}) {
    const Value part = arguments.get(static_cast<std::size_t>(place), name, {});
    call.positional.push_back(Value(text_of(site, part)));
  }
  const Value count = arguments.get(2, "count", None{});
  if (!count.is_none()) call.positional.push_back(count);
  return call_method(site, Value(text_of(site, value)), call);
}

// Each word with a large first letter. A word ends at white space, `-` and opening brackets.
Value title(const CallSite& site, const Value& value) {
  const std::string text = text_of(site, value);
  std::string result;
  std::size_t begin = 0;
  const auto starts = character_starts(text);
  site.budget.step(starts.size());
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    const std::string_view one =
        std::string_view(text).substr(starts[i], starts[i + 1] - starts[i]);
    if (!strip_left(one).empty() && std::string_view("-({[<").find(one) == std::string_view::npos) {
      continue;
    }
    result +=
        with_case(std::string_view(text).substr(begin, starts[i] - begin), LetterCase::capitalize);
    result += one;
    begin = starts[i + 1];
  }
  result += with_case(std::string_view(text).substr(begin), LetterCase::capitalize);
  return site.make(std::move(result));
}

Value indent(const CallSite& site, const Value& value, const Arguments& arguments) {
  const Value width = arguments.get(0, "width", 4);
  const bool first = arguments.get(1, "first", false).truth();
  const bool blank = arguments.get(2, "blank", false).truth();
  const std::string step =
      width.is_string()
          ? width.text()
          : std::string(
                static_cast<std::size_t>(std::clamp<std::int64_t>(site.integer(width), 0, 100'000)),
                ' ');
  const CallSite lines_site{"splitlines", site.line, site.budget};
  const Value lines = call_method(lines_site, site.make(text_of(site, value) + "\n"), {});
  std::string result;
  for (std::size_t i = 0; i < lines.items().size(); ++i) {
    const std::string& line = lines.items()[i].text();
    site.budget.reserve(step.size() + line.size() + 1);
    if (i > 0) result += '\n';
    if (i == 0 ? first : blank || !line.empty()) result += step;
    result += line;
  }
  site.budget.check_length(result.size());
  return Value(std::move(result));
}

// The number that a text begins as; none if it is no number.
template <class Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
  text = strip_left(strip_right(text));
  if (text.starts_with('+')) text.remove_prefix(1);
  Number number{};
  std::from_chars_result read{};
  if constexpr (std::is_integral_v<Number>) {
    read = std::from_chars(text.data(), text.data() + text.size(), number, base);
  } else {
    read = std::from_chars(text.data(), text.data() + text.size(), number);
  }
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> truncated(double number) {
  if (!(std::abs(number) < 0x1p63)) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

Value to_integer(const CallSite& site, const Value& value, const Arguments& arguments) {
  const Value otherwise = arguments.get(0, "default", 0);
  const std::int64_t base = site.integer(arguments.get(1, "base", 10));
  std::optional<std::int64_t> number = value.integer();
  if (value.is_float()) number = truncated(value.number());
  if (value.is_string() && base >= 2 && base <= 36) {
    number = parse_number<std::int64_t>(value.text(), static_cast<int>(base));
    if (!number) {
      const auto floating = parse_number<double>(value.text());
      if (floating) number = truncated(*floating);
    }
  }
  return number ? Value(*number) : otherwise;
}

Value to_float(const CallSite&, const Value& value, const Arguments& arguments) {
  if (value.is_number()) return value.number();
  const auto number =
      value.is_string() ? parse_number<double>(value.text()) : std::optional<double>();
  return number ? Value(*number) : arguments.get(0, "default", 0.0);
}

Value rounded(const CallSite& site, const Value& value, const Arguments& arguments) {
  if (!value.is_number()) site.fail_type("a number", value);
  const std::int64_t places =
      std::clamp<std::int64_t>(site.integer(arguments.get(0, "precision", 0)), -300, 300);
  const std::string method = site.text(arguments.get(1, "method", "common"));
  const double scale = std::pow(10.0, static_cast<double>(places));
  if (method == "ceil") return std::ceil(value.number() * scale) / scale;
  if (method == "floor") return std::floor(value.number() * scale) / scale;
  // Python rounds the decimal text of the number; halves go to the even neighbour.
  if (places < 0) return std::nearbyint(value.number() * scale) / scale;
  const auto text = fmt::format("{:.{}f}", value.number(), places);
  return parse_number<double>(text).value_or(value.number());
}

Value escape_html(const CallSite& site, const Value& value) {
  std::string result;
  for (const char c : text_of(site, value)) {
    constexpr std::string_view kSpecial = "&<>\"'";
    constexpr const char* kNames[] = {"&amp;", "&lt;", "&gt;", "&#34;", "&#39;"};
    const auto k = kSpecial.find(c);
    if (k == std::string_view::npos) {
      result += c;
    } else {
      result += kNames[k];
    }
  }
  return site.make(std::move(result));
}

Value absolute(const CallSite& site, const Value& value) {
  if (const auto number = value.integer()) {
    check(*number != INT64_MIN, ErrorCode::invalid_argument,
          "expected a number of 64 bits, got a larger one, in the chat template, line {}",
          site.line);
    return *number < 0 ? -*number : *number;
  }
  if (!value.is_number()) site.fail_type("a number", value);
  return std::abs(value.number());
}

Value word_count(const CallSite& site, const Value& value) {
  const CallSite split{"split", site.line, site.budget};
  return static_cast<std::int64_t>(
      call_method(split, Value(text_of(site, value)), {}).items().size());
}

std::optional<Value> apply_text_filter(const CallSite& site, const Value& value,
                                       const Arguments& arguments) {
  const std::string_view name = site.name;
  if (name == "trim") {
    const Value set = arguments.get(0, "chars", None{});
    const std::string text = text_of(site, value);
    site.budget.step(1 + text.size() / 64);
    if (set.is_string() && set.text().empty()) return Value(text);
    const std::string_view characters = set.is_none() ? "" : std::string_view(site.text(set));
    return site.make(std::string(strip_right(strip_left(text, characters), characters)));
  }
  if (name == "string" || name == "safe") return site.make(text_of(site, value));
  if (name == "upper") return site.make(with_case(text_of(site, value), LetterCase::upper));
  if (name == "lower") return site.make(with_case(text_of(site, value), LetterCase::lower));
  if (name == "capitalize") {
    return site.make(with_case(text_of(site, value), LetterCase::capitalize));
  }
  if (name == "title") return title(site, value);
  if (name == "replace") return replace(site, value, arguments);
  if (name == "indent") return indent(site, value, arguments);
  if (name == "escape" || name == "e" || name == "forceescape") return escape_html(site, value);
  if (name == "wordcount") return word_count(site, value);
  return std::nullopt;
}

}  // namespace

Value apply_filter(const CallSite& site, const Value& value, const Arguments& arguments) {
  site.budget.step();
  const std::string_view name = site.name;
  if (const auto result = apply_text_filter(site, value, arguments)) return *result;
  if (name == "tojson") return json(site, value, arguments);
  if (name == "length" || name == "count") return length(site, value);
  if (name == "default" || name == "d") {
    const bool also_false = arguments.get(1, "boolean", false).truth();
    const bool missing = value.is_undefined() || (also_false && !value.truth());
    return missing ? arguments.get(0, "default_value", "") : value;
  }
  if (name == "int") return to_integer(site, value, arguments);
  if (name == "float") return to_float(site, value, arguments);
  if (name == "round") return rounded(site, value, arguments);
  if (name == "abs") return absolute(site, value);
  if (const auto result = apply_sequence_filter(site, value, arguments)) return *result;
  fail(ErrorCode::unsupported,
       "expected a filter that this program knows, got `{}`, in the chat template, line {}", name,
       site.line);
}

}  // namespace reckon::policy::jinja
