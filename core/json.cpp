#include "core/json.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/files.h"

namespace reckon {
namespace {

using nlohmann::json;

constexpr size_t kMaxDepth = 512;

// Lets the handler below see how far the parser has read; the library tells positions only with its
// own errors.
class TrackedIterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackedIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  TrackedIterator& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  bool operator==(const TrackedIterator& other) const { return at_ == other.at_; }
  bool operator!=(const TrackedIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

// Builds the value from the parser's events. The library's own builder keeps the last of two equal
// keys and has no limit of depth.
class Builder {
 public:
  Builder(std::string_view text, const std::string& name, uint64_t first_line)
      : text_(text), name_(name), first_line_(first_line), reached_(text.data()) {}

  const char** reached() { return &reached_; }
  json take() { return std::move(root_); }

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(json::number_integer_t value) { return add(value); }
  bool number_unsigned(json::number_unsigned_t value) { return add(value); }
  bool number_float(json::number_float_t value, const std::string&) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(json::binary_t&) { return false; }
  bool start_object(size_t) { return open(json::object()); }
  bool start_array(size_t) { return open(json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& key) {
    if (open_.back()->contains(key)) {
      broken(position(), "each key once in an object",
             fmt::format("`{}` again", json_summary(json(key))));
    }
    key_ = std::move(key);
    return true;
  }

  bool parse_error(size_t byte, const std::string& last_token, const json::exception& error) {
    std::string what = error.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while ..."
    if (const size_t colon = what.find(": "); colon != std::string::npos) what.erase(0, colon + 2);
    if (const size_t last = what.find("; last read: "); last != std::string::npos) what.erase(last);
    if (what.find("out_of_range") != std::string::npos) what = "a number too large";
    if (!last_token.empty()) what += " at " + json_summary(json(last_token));
    broken(byte > 0 ? byte - 1 : 0, "JSON", what);
  }

 private:
  size_t position() const {
    const auto read = static_cast<size_t>(reached_ - text_.data());
    return read > 0 ? read - 1 : 0;
  }

  [[noreturn]] void broken(size_t byte, std::string_view expected, std::string_view got) const {
    const std::string_view before = text_.substr(0, std::min(byte, text_.size()));
    const auto newlines = std::count(before.begin(), before.end(), '\n');
    const size_t column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
    fail(ErrorCode::corrupt, "expected {}, got {}, in {} line {} column {}", expected, got, name_,
         first_line_ + static_cast<uint64_t>(newlines), column);
  }

  bool open(json container) {
    if (open_.size() >= kMaxDepth) {
      broken(position(), fmt::format("at most {} levels of nesting", kMaxDepth), "more");
    }
    open_.push_back(&place(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  bool add(json value) {
    place(std::move(value));
    return true;
  }

  json& place(json value) {
    if (open_.empty()) return root_ = std::move(value);
    json& parent = *open_.back();
    if (parent.is_object()) return parent[key_] = std::move(value);
    parent.push_back(std::move(value));
    return parent.back();
  }

  std::string_view text_;
  const std::string& name_;
  uint64_t first_line_;
  const char* reached_;
  json root_;
  // Containers not yet closed, innermost last. They stay where they are: only the innermost grows.
  std::vector<json*> open_;
  std::string key_;
};

}  // namespace

nlohmann::json parse_json_text(std::string_view text, const std::string& name, bool comments,
                               uint64_t first_line) {
  if (text.data() == nullptr) text = "";
  Builder builder(text, name, first_line);
  const TrackedIterator begin(text.data(), builder.reached());
  const TrackedIterator end(text.data() + text.size(), builder.reached());
  json::sax_parse(begin, end, &builder, json::input_format_t::json, true, comments);
  return builder.take();
}

nlohmann::json read_json_file(const std::filesystem::path& path, bool comments) {
  return parse_json_text(read_file(path), path.string(), comments);
}

std::string json_text(const nlohmann::json& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

std::string json_summary(const nlohmann::json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) {
    return fmt::format("a list of {} {}", value.size(), value.size() == 1 ? "item" : "items");
  }
  constexpr size_t kMaxBytes = 60;
  std::string text = json_text(value);
  if (text.size() <= kMaxBytes) return text;
  size_t end = kMaxBytes - 4;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...\"";
}

std::string json_pointer(const std::string& parent, std::string_view key) {
  std::string pointer = parent + "/";
  for (const char c : key) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::string json_pointer(const std::string& parent, size_t index) {
  return fmt::format("{}/{}", parent, index);
}

}  // namespace reckon
