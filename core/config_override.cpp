#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/config.h"
#include "core/error.h"
#include "core/json.h"

namespace reckon {
namespace {

using nlohmann::json;

json parse_value(const std::string& text) {
  try {
    return parse_json_text(text, "value");
  } catch (const Error&) {
    return text;  // --set name=tiny
  }
}

std::optional<size_t> parse_index(std::string_view text) {
  size_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return index;
}

// The member "name" of an item of a list, if it is an object that has one.
const std::string* item_name(const json& item) {
  if (!item.is_object()) return nullptr;
  const auto name = item.find("name");
  return name == item.end() ? nullptr : name->get_ptr<const std::string*>();
}

// What can stand for an item of `list`, for messages.
std::string item_choices(const json& list) {
  std::vector<std::string> names;
  for (const json& item : list) {
    if (const std::string* name = item_name(item)) names.push_back(*name);
  }
  if (list.empty()) return "nothing, the list is empty";
  const std::string numbers = list.size() == 1 ? "0" : fmt::format("0 to {}", list.size() - 1);
  return names.empty() ? numbers
                       : fmt::format("one of: {}, or {}", fmt::join(names, ", "), numbers);
}

// Walks from value to value, with the path so far for messages.
class OverridePath {
 public:
  OverridePath(json& document, const std::string& assignment)
      : at_(&document), assignment_(assignment) {}

  json& at() { return *at_; }

  void step(const std::string& part) {
    check(!part.empty(), ErrorCode::invalid_argument,
          "expected a.b.c=value, got an empty part, in --set {}", assignment_);
    if (at_->is_array()) {
      at_ = &item(part);
    } else {
      if (at_->is_null()) *at_ = json::object();
      check(at_->is_object(), ErrorCode::invalid_argument,
            "expected an object or a list at `{}`, got {}, in --set {}", walked_,
            json_summary(*at_), assignment_);
      at_ = &(*at_)[part];
    }
    walked_ += (walked_.empty() ? "" : ".") + part;
  }

 private:
  json& item(const std::string& part) {
    for (json& item : *at_) {
      const std::string* name = item_name(item);
      if (name != nullptr && *name == part) return item;
    }
    const std::optional<size_t> index = parse_index(part);
    check(index && *index < at_->size(), ErrorCode::invalid_argument,
          "expected an item of `{}` ({}), got `{}`, in --set {}", walked_, item_choices(*at_), part,
          assignment_);
    return (*at_)[*index];
  }

  json* at_;
  const std::string& assignment_;
  std::string walked_;
};

}  // namespace

void apply_override(nlohmann::json& document, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  check(equals != std::string::npos && equals > 0, ErrorCode::invalid_argument,
        "expected a.b.c=value, got `{}`, in --set", assignment);
  // A copy, so that a path that fails halfway leaves the document as it was.
  json changed = document;
  OverridePath path(changed, assignment);
  const std::string keys = assignment.substr(0, equals);
  for (size_t begin = 0; begin <= keys.size();) {
    const size_t end = std::min(keys.find('.', begin), keys.size());
    path.step(keys.substr(begin, end - begin));
    begin = end + 1;
  }
  path.at() = parse_value(assignment.substr(equals + 1));
  document = std::move(changed);
}

}  // namespace reckon
