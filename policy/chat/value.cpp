#include "policy/chat/value.h"

#include <algorithm>

#include "core/error.h"

namespace reckon::policy::jinja {

namespace {

constexpr int kMaxValueDepth = 200;

int checked_depth(int depth) {
  check(depth <= kMaxValueDepth, ErrorCode::invalid_argument,
        "expected values of at most {} levels in a chat template, got more", kMaxValueDepth);
  return depth;
}

}  // namespace

int depth_around(const Items& items) {
  int depth = 0;
  for (const Value& item : items) depth = std::max(depth, item.depth());
  return checked_depth(depth + 1);
}

Value Value::list(Items items) {
  Value value;
  const int depth = depth_around(items);
  value.data_ = Sequence{std::make_shared<const Items>(std::move(items)), false, depth};
  return value;
}

Value Value::tuple(Items items) {
  Value value;
  const int depth = depth_around(items);
  value.data_ = Sequence{std::make_shared<const Items>(std::move(items)), true, depth};
  return value;
}

Value Value::mapping(Members members) {
  int depth = 0;
  for (const auto& member : members) {
    depth = std::max({depth, member.first.depth(), member.second.depth()});
  }
  Value value;
  depth = checked_depth(depth + 1);
  value.data_ = Mapping{std::make_shared<const Members>(std::move(members)), depth};
  return value;
}

int Value::depth() const {
  if (const auto* sequence = std::get_if<Sequence>(&data_)) return sequence->depth;
  if (const auto* mapping = std::get_if<Mapping>(&data_)) return mapping->depth;
  if (const auto* of = std::get_if<std::shared_ptr<const Loop>>(&data_)) return (*of)->value_depth;
  // A method is of a plain value, a mapping or a loop, never of a method.
  if (const auto* of = std::get_if<std::shared_ptr<const Method>>(&data_)) {
    return (*of)->self.depth() + 1;
  }
  return 0;
}

const std::string& Value::text() const {
  static const std::string none;
  return is_string() ? *std::get<std::shared_ptr<const std::string>>(data_) : none;
}

const Items& Value::items() const {
  static const Items none;
  return is_sequence() ? *std::get<Sequence>(data_).items : none;
}

const Members& Value::members() const {
  static const Members none;
  return is_mapping() ? *std::get<Mapping>(data_).members : none;
}

Namespace* Value::name_space() const {
  const auto* found = std::get_if<Namespace*>(&data_);
  return found == nullptr ? nullptr : *found;
}

std::optional<std::int64_t> Value::integer() const {
  if (is_bool()) return std::get<bool>(data_) ? 1 : 0;
  if (is_integer()) return std::get<std::int64_t>(data_);
  return std::nullopt;
}

double Value::number() const {
  if (is_float()) return std::get<double>(data_);
  return static_cast<double>(integer().value_or(0));
}

bool Value::truth() const {
  if (is_undefined() || is_none()) return false;
  if (is_bool()) return std::get<bool>(data_);
  if (is_number()) return number() != 0.0;
  if (is_string()) return !text().empty();
  if (is_sequence()) return !items().empty();
  if (is_mapping()) return !members().empty();
  return true;
}

const Value* Value::find(const Value& key) const {
  for (const auto& [name, value] : members()) {
    if (equal(name, key)) return &value;
  }
  return nullptr;
}

std::string_view Value::type_name() const {
  if (is_undefined()) return "an undefined value";
  if (is_none()) return "none";
  if (is_bool()) return "a boolean";
  if (is_number()) return "a number";
  if (is_string()) return "a string";
  if (is_sequence()) return is_tuple() ? "a tuple" : "a list";
  if (is_mapping()) return "a mapping";
  if (name_space() != nullptr) return "a namespace";
  if (loop() != nullptr) return "a loop";
  return "a function";
}

namespace {

bool equal_items(const Items& left, const Items& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), equal);
}

bool equal_members(const Value& left, const Value& right) {
  if (left.members().size() != right.members().size()) return false;
  return std::all_of(left.members().begin(), left.members().end(), [&](const auto& member) {
    const Value* other = right.find(member.first);
    return other != nullptr && equal(member.second, *other);
  });
}

}  // namespace

bool equal(const Value& left, const Value& right) {
  if (left.is_string() || right.is_string()) {
    return left.is_string() && right.is_string() && left.text() == right.text();
  }
  if (left.is_number() && right.is_number()) {
    const auto a = left.integer(), b = right.integer();
    return a && b ? *a == *b : left.number() == right.number();
  }
  if (left.is_undefined() || left.is_none()) {
    return left.is_undefined() == right.is_undefined() && left.is_none() == right.is_none();
  }
  if (left.is_sequence() && right.is_sequence()) {
    return left.is_tuple() == right.is_tuple() && equal_items(left.items(), right.items());
  }
  if (left.is_mapping() && right.is_mapping()) return equal_members(left, right);
  if (left.is_function() && right.is_function()) return left.function() == right.function();
  if (left.name_space() != nullptr) return left.name_space() == right.name_space();
  if (left.macro() != nullptr) return left.macro() == right.macro();
  return left.loop() != nullptr && left.loop() == right.loop();
}

std::optional<bool> less(const Value& left, const Value& right) {
  if (left.is_number() && right.is_number()) {
    const auto a = left.integer(), b = right.integer();
    return a && b ? *a < *b : left.number() < right.number();
  }
  // The order of bytes of UTF-8 is the order of code points.
  if (left.is_string() && right.is_string()) return left.text() < right.text();
  if (left.is_sequence() && right.is_sequence() && left.is_tuple() == right.is_tuple()) {
    const size_t shared = std::min(left.items().size(), right.items().size());
    for (size_t i = 0; i < shared; ++i) {
      if (!equal(left.items()[i], right.items()[i])) {
        return less(left.items()[i], right.items()[i]);
      }
    }
    return left.items().size() < right.items().size();
  }
  return std::nullopt;
}

void set_member(Members& members, const Value& key, Value value) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const auto& member) { return equal(member.first, key); });
  if (found == members.end()) {
    members.emplace_back(key, std::move(value));
  } else {
    found->second = std::move(value);
  }
}

}  // namespace reckon::policy::jinja
