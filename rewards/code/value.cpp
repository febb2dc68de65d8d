#include "rewards/code/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/utf8.h"

namespace reckon::rewards::code {

namespace {

using Kind = Value::Kind;

bool is_digits(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool leading_zero = text.size() > 1 && text[0] == '0';
  return !text.empty() && text.size() <= ValueLimits::kDigits && !leading_zero &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_hexadecimal(std::string_view text) {
  return text.size() % 2 == 0 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<double> number_of(const JsonTree& tree) {
  if (tree.kind == JsonTree::Kind::real) return tree.real;
  if (tree.kind != JsonTree::Kind::integer) return std::nullopt;
  return std::stod(tree.text.size() > 300 ? "0" : tree.text);
}

std::optional<Value> unpack(const JsonTree& tree, size_t depth);

/// Unpacks the items of a list into `value`.
std::optional<Value> unpack_items(Kind kind, const JsonTree& list, size_t depth) {
  if (list.kind != JsonTree::Kind::list) return std::nullopt;
  Value value{kind};
  value.items.reserve(list.items.size());
  for (const JsonTree& item : list.items) {
    auto unpacked = unpack(item, depth + 1);
    if (!unpacked) return std::nullopt;
    value.items.push_back(std::move(*unpacked));
  }
  return value;
}

std::optional<Value> unpack_dict(const JsonTree& list, size_t depth) {
  if (list.kind != JsonTree::Kind::list) return std::nullopt;
  Value value{Kind::dict};
  for (const JsonTree& pair : list.items) {
    if (pair.kind != JsonTree::Kind::list || pair.items.size() != 2) return std::nullopt;
    for (const JsonTree& item : pair.items) {
      auto unpacked = unpack(item, depth + 1);
      if (!unpacked) return std::nullopt;
      value.items.push_back(std::move(*unpacked));
    }
  }
  return value;
}

std::optional<Value> unpack_text(Kind kind, const JsonTree& tree) {
  const bool good = kind == Kind::integer ? is_digits(tree.text) : is_hexadecimal(tree.text);
  if (tree.kind != JsonTree::Kind::text || !good) return std::nullopt;
  Value value{kind};
  value.text = tree.text;
  return value;
}

std::optional<Value> unpack_complex(const JsonTree& list) {
  if (list.kind != JsonTree::Kind::list || list.items.size() != 2) return std::nullopt;
  const auto real = number_of(list.items[0]);
  const auto imaginary = number_of(list.items[1]);
  if (!real || !imaginary) return std::nullopt;
  Value value{Kind::complex};
  value.real = *real;
  value.imaginary = *imaginary;
  return value;
}

std::optional<Value> unpack_tagged(const JsonTree& tree, size_t depth) {
  if (tree.items.size() != 1) return std::nullopt;
  const std::string& tag = tree.keys[0];
  const JsonTree& inner = tree.items[0];
  if (tag == "tuple") return unpack_items(Kind::tuple, inner, depth);
  if (tag == "set") return unpack_items(Kind::set, inner, depth);
  if (tag == "dict") return unpack_dict(inner, depth);
  if (tag == "int") return unpack_text(Kind::integer, inner);
  if (tag == "bytes") return unpack_text(Kind::bytes, inner);
  if (tag == "complex") return unpack_complex(inner);
  return std::nullopt;
}

/// A value without items.
Value scalar(const JsonTree& tree) {
  Value value;
  value.text = tree.text;
  value.real = tree.real;
  switch (tree.kind) {
    case JsonTree::Kind::boolean:
      value.kind = Kind::boolean;
      break;
    case JsonTree::Kind::integer:
      value.kind = Kind::integer;
      break;
    case JsonTree::Kind::real:
      value.kind = Kind::real;
      break;
    case JsonTree::Kind::text:
      value.kind = Kind::text;
      break;
    default:
      break;
  }
  return value;
}

std::optional<Value> unpack(const JsonTree& tree, size_t depth) {
  if (depth > ValueLimits::kDepth) return std::nullopt;
  if (tree.kind == JsonTree::Kind::list) return unpack_items(Kind::list, tree, depth);
  if (tree.kind == JsonTree::Kind::object) return unpack_tagged(tree, depth);
  return scalar(tree);
}

std::string quoted(std::string_view text) {
  std::string result = "'";
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    const auto code = static_cast<uint32_t>(step.valid ? step.character : 0xFFFD);
    if (code >= 0x20 && code < 0x7F && code != '\'' && code != '\\') {
      result += static_cast<char>(code);
    } else {
      result += fmt::format("\\U{:08x}", code);
    }
    at += step.size;
  }
  return result + "'";
}

std::string joined(const Value& value) {
  std::string result;
  const bool dict = value.kind == Kind::dict;
  for (size_t i = 0; i < value.items.size(); ++i) {
    result += python_text(value.items[i]);
    result += dict && i % 2 == 0 ? ':' : ',';
  }
  return result;
}

}  // namespace

std::optional<Value> unpack_value(const JsonTree& tree) { return unpack(tree, 0); }

Value plain_value(const JsonTree& tree) {
  if (tree.kind != JsonTree::Kind::list && tree.kind != JsonTree::Kind::object) {
    return scalar(tree);
  }
  Value value{tree.kind == JsonTree::Kind::list ? Kind::list : Kind::dict};
  for (size_t i = 0; i < tree.items.size(); ++i) {
    if (value.kind == Kind::dict) {
      Value key{Kind::text};
      key.text = tree.keys[i];
      value.items.push_back(std::move(key));
    }
    value.items.push_back(plain_value(tree.items[i]));
  }
  return value;
}

std::string python_text(const Value& value) {
  switch (value.kind) {
    case Kind::none:
      return "None";
    case Kind::boolean:
      return value.real != 0.0 ? "True" : "False";
    case Kind::integer:
      return value.text;
    case Kind::real:
      return fmt::format("float('{}')", value.real);
    case Kind::complex:
      return fmt::format("complex({}, {})", value.real, value.imaginary);
    case Kind::text:
      return quoted(value.text);
    case Kind::bytes:
      return fmt::format("bytes.fromhex('{}')", value.text);
    case Kind::list:
      return fmt::format("[{}]", joined(value));
    case Kind::tuple:
      return fmt::format("({})", joined(value));
    case Kind::set:
      return fmt::format("set([{}])", joined(value));
    case Kind::dict:
      return fmt::format("{{{}}}", joined(value));
  }
  return "None";
}

}  // namespace reckon::rewards::code
