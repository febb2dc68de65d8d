#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cmath>

#include "core/utf8.h"
#include "policy/chat/template_call.h"

namespace reckon::policy::jinja {
namespace {

std::string float_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

bool is_printable(char32_t character) {
  if (character == ' ') return true;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(character))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
      return false;
    default:
      return true;
  }
}

std::string escaped(char32_t character) {
  const auto code = static_cast<std::uint32_t>(character);
  if (code < 0x100) return fmt::format("\\x{:02x}", code);
  if (code < 0x10000) return fmt::format("\\u{:04x}", code);
  return fmt::format("\\U{:08x}", code);
}

// Python's repr() of a string.
std::string quoted(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const bool has_double = text.find('"') != std::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string result(1, quote);
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    const char c = text[at];
    if (c == '\n') {
      result += "\\n";
    } else if (c == '\r') {
      result += "\\r";
    } else if (c == '\t') {
      result += "\\t";
    } else if (c == '\\' || c == quote) {
      result += '\\';
      result += c;
    } else if (step.valid && !is_printable(step.character)) {
      result += escaped(step.character);
    } else {
      result += text.substr(at, step.size);
    }
    at += step.size;
  }
  return result + quote;
}

// Python's repr() of a value, appended to `out`.
void append_repr(std::string& out, const Value& value, Budget& budget);

void append_members(std::string& out, const Value& value, Budget& budget) {
  out += '{';
  bool first = true;
  for (const auto& [key, member] : value.members()) {
    if (!std::exchange(first, false)) out += ", ";
    append_repr(out, key, budget);
    out += ": ";
    append_repr(out, member, budget);
  }
  out += '}';
}

void append_items(std::string& out, const Value& value, Budget& budget) {
  out += value.is_tuple() ? '(' : '[';
  bool first = true;
  for (const Value& item : value.items()) {
    if (!std::exchange(first, false)) out += ", ";
    append_repr(out, item, budget);
  }
  if (value.is_tuple() && value.items().size() == 1) out += ',';
  out += value.is_tuple() ? ')' : ']';
}

void append_repr(std::string& out, const Value& value, Budget& budget) {
  budget.step();
  budget.check_length(out.size());
  if (value.is_string()) {
    budget.reserve(value.text().size());
    out += quoted(value.text());
  } else if (value.is_sequence()) {
    append_items(out, value, budget);
  } else if (value.is_mapping()) {
    append_members(out, value, budget);
  } else if (value.is_undefined()) {
    out += "Undefined";
  } else {
    out += to_text(value, budget);
  }
}

std::string json_string(std::string_view text, bool ensure_ascii) {
  std::string result = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    const char c = text[at];
    constexpr std::string_view kSpecial = "\"\\\n\r\t\b\f", kLetters = "\"\\nrtbf";
    if (const auto k = kSpecial.find(c); k != std::string_view::npos) {
      result += '\\';
      result += kLetters[k];
    } else if (step.valid && step.character < 0x20) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else if (step.valid && ensure_ascii && step.character > 0x7E) {
      const auto code = static_cast<std::uint32_t>(step.character);
      if (code < 0x10000) {
        result += code == 0x7F ? "\x7F" : fmt::format("\\u{:04x}", code);
      } else {
        result += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((code - 0x10000) >> 10),
                              0xDC00 + ((code - 0x10000) & 0x3FF));
      }
    } else {
      result += text.substr(at, step.size);
    }
    at += step.size;
  }
  return result + '"';
}

class JsonWriter {
 public:
  JsonWriter(const CallSite& site, const JsonStyle& style) : site_(site), style_(style) {}

  void write(const Value& value, int level) {
    site_.budget.step();
    site_.budget.check_length(out_.size());
    if (value.is_string()) {
      site_.budget.reserve(value.text().size());
      out_ += json_string(value.text(), style_.ensure_ascii);
    } else if (value.is_none()) {
      out_ += "null";
    } else if (value.is_bool()) {
      out_ += value.truth() ? "true" : "false";
    } else if (value.is_float() && !std::isfinite(value.number())) {
      out_ += std::isnan(value.number()) ? "NaN" : value.number() < 0 ? "-Infinity" : "Infinity";
    } else if (value.is_number()) {
      out_ += to_text(value, site_.budget);
    } else if (value.is_sequence()) {
      write_items(value, level);
    } else if (value.is_mapping()) {
      write_members(value, level);
    } else {
      site_.fail_type("a value that JSON can hold", value);
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void new_line(int level) {
    if (!style_.indent) return;
    out_ += '\n';
    site_.budget.reserve(style_.indent->size() * static_cast<std::size_t>(level));
    for (int i = 0; i < level; ++i) out_ += *style_.indent;
  }

  void write_items(const Value& value, int level) {
    if (value.items().empty()) {
      out_ += "[]";
      return;
    }
    out_ += '[';
    bool first = true;
    for (const Value& item : value.items()) {
      if (!std::exchange(first, false)) out_ += style_.item_separator;
      new_line(level + 1);
      write(item, level + 1);
    }
    new_line(level);
    out_ += ']';
  }

  std::string key_text(const Value& key) {
    if (key.is_string()) return key.text();
    if (key.is_none()) return "null";
    if (key.is_bool()) return key.truth() ? "true" : "false";
    if (!key.is_number()) site_.fail_type("keys that JSON can hold", key);
    return to_text(key, site_.budget);
  }

  void write_members(const Value& value, int level) {
    if (value.members().empty()) {
      out_ += "{}";
      return;
    }
    Members members = value.members();
    if (style_.sort_keys) {
      std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
        return less(a.first, b.first).value_or(false);
      });
    }
    out_ += '{';
    bool first = true;
    for (const auto& [key, member] : members) {
      if (!std::exchange(first, false)) out_ += style_.item_separator;
      new_line(level + 1);
      out_ += json_string(key_text(key), style_.ensure_ascii);
      out_ += style_.key_separator;
      write(member, level + 1);
    }
    new_line(level);
    out_ += '}';
  }

  const CallSite& site_;
  const JsonStyle& style_;
  std::string out_;
};

}  // namespace

std::string to_text(const Value& value, Budget& budget) {
  if (value.is_string()) return value.text();
  if (value.is_undefined()) return "";
  if (value.is_none()) return "None";
  if (value.is_bool()) return value.truth() ? "True" : "False";
  if (value.is_integer()) return fmt::format("{}", *value.integer());
  if (value.is_float()) return float_text(value.number());
  if (value.is_sequence() || value.is_mapping()) {
    std::string text;
    append_repr(text, value, budget);
    budget.reserve(text.size());
    return text;
  }
  return fmt::format("<{}>", value.type_name());
}

std::string to_json(const CallSite& site, const Value& value, const JsonStyle& style) {
  JsonWriter writer(site, style);
  writer.write(value, 0);
  return writer.take();
}

}  // namespace reckon::policy::jinja
