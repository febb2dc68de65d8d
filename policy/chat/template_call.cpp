#include "policy/chat/template_call.h"

#include <algorithm>

#include "core/error.h"
#include "policy/chat/unicode_text.h"

namespace reckon::policy::jinja {

void Budget::step(std::size_t count) {
  steps_ += static_cast<std::int64_t>(count);
  check(steps_ <= limits_.steps, ErrorCode::invalid_argument,
        "expected a chat template that ends within {} steps, got one that does not", limits_.steps);
}

void Budget::reserve(std::size_t bytes) {
  check_length(bytes);
  bytes_ += static_cast<std::int64_t>(bytes);
  check(bytes_ <= limits_.total_bytes, ErrorCode::invalid_argument,
        "expected a chat template that makes at most {} bytes of text, got one that makes more",
        limits_.total_bytes);
}

void Budget::check_length(std::size_t bytes) const {
  check(bytes <= static_cast<std::size_t>(limits_.output_bytes), ErrorCode::invalid_argument,
        "expected a text of at most {} bytes from the chat template, got a longer one",
        limits_.output_bytes);
}

const Value* Arguments::find(std::size_t position, std::string_view name) const {
  if (position < positional.size()) return &positional[position];
  const auto found = std::find_if(named.begin(), named.end(),
                                  [&](const auto& argument) { return argument.first == name; });
  return found == named.end() ? nullptr : &found->second;
}

Value Arguments::get(std::size_t position, std::string_view name, Value otherwise) const {
  const Value* found = find(position, name);
  return found == nullptr ? std::move(otherwise) : *found;
}

void CallSite::fail_type(std::string_view expected, const Value& got) const {
  fail(ErrorCode::invalid_argument, "expected {} for `{}`, got {}, in the chat template, line {}",
       expected, name, got.type_name(), line);
}

const std::string& CallSite::text(const Value& value) const {
  if (!value.is_string()) fail_type("a string", value);
  return value.text();
}

std::int64_t CallSite::integer(const Value& value) const {
  if (!value.integer()) fail_type("an integer", value);
  return *value.integer();
}

Items CallSite::items(const Value& value) const {
  if (value.is_undefined()) return {};
  Items items;
  if (value.is_sequence()) {
    items = value.items();
  } else if (value.is_mapping()) {
    for (const auto& [key, member] : value.members()) items.push_back(key);
  } else if (value.is_string()) {
    const auto starts = character_starts(value.text());
    budget.step(starts.size());
    for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
      items.push_back(make(value.text().substr(starts[i], starts[i + 1] - starts[i])));
    }
  } else {
    fail_type("something to loop over", value);
  }
  budget.step(items.size());
  budget.reserve(items.size() * sizeof(Value));
  return items;
}

Value CallSite::make(std::string text) const {
  budget.reserve(text.size());
  return Value(std::move(text));
}

Value CallSite::make_list(Items items) const {
  budget.reserve(items.size() * sizeof(Value));
  return Value::list(std::move(items));
}

namespace {

Value character_at(const CallSite& site, const std::string& text, std::int64_t index) {
  const auto starts = character_starts(text);
  site.budget.step(1 + starts.size() / 16);
  const auto count = static_cast<std::int64_t>(starts.size()) - 1;
  if (index < 0) index += count;
  if (index < 0 || index >= count) return {};
  const auto i = static_cast<std::size_t>(index);
  return site.make(text.substr(starts[i], starts[i + 1] - starts[i]));
}

Value loop_attribute(const std::shared_ptr<const Loop>& loop, const std::string& name) {
  const auto count = static_cast<std::int64_t>(loop->items.size());
  const auto index = static_cast<std::int64_t>(loop->index);
  if (name == "index") return index + 1;
  if (name == "index0") return index;
  if (name == "revindex") return count - index;
  if (name == "revindex0") return count - index - 1;
  if (name == "first") return index == 0;
  if (name == "last") return index + 1 == count;
  if (name == "length") return count;
  // Only recursive loops, which are not supported, are deeper.
  if (name == "depth") return 1;
  if (name == "depth0") return 0;
  if (name == "previtem" && index > 0) return loop->items[loop->index - 1];
  if (name == "nextitem" && index + 1 < count) return loop->items[loop->index + 1];
  return {};
}

Value namespace_member(const Namespace& space, const std::string& name) {
  for (const auto& [key, member] : space.members) {
    if (key.text() == name) return member;
  }
  return {};
}

}  // namespace

Value subscript(const CallSite& site, const Value& value, const Value& key) {
  if (value.is_undefined()) site.fail_type("a value that is defined", value);
  if (value.is_mapping()) {
    site.budget.step(1 + value.members().size() / 16);
    if (const Value* member = value.find(key)) return *member;
  }
  if (const auto index = key.integer()) {
    if (value.is_string()) return character_at(site, value.text(), *index);
    const auto count = static_cast<std::int64_t>(value.items().size());
    const std::int64_t place = *index < 0 ? *index + count : *index;
    if (place >= 0 && place < count) return value.items()[static_cast<std::size_t>(place)];
  }
  return key.is_string() ? attribute(site, value, key.text()) : Value();
}

Value attribute(const CallSite& site, const Value& value, const std::string& name) {
  if (value.is_undefined()) {
    fail(ErrorCode::invalid_argument,
         "expected a value with `{}`, got an undefined one, in the chat template, line {}", name,
         site.line);
  }
  if (const auto loop = value.loop()) {
    if (name != "cycle") return loop_attribute(loop, name);
    return std::make_shared<const Method>(Method{value, name});
  }
  if (const Namespace* space = value.name_space()) return namespace_member(*space, name);
  if (has_method(value, name)) return std::make_shared<const Method>(Method{value, name});
  site.budget.step(1 + value.members().size() / 16);
  const Value* member = value.is_mapping() ? value.find(Value(name)) : nullptr;
  return member == nullptr ? Value() : *member;
}

bool contains(const CallSite& site, const Value& container, const Value& value) {
  if (container.is_string()) {
    site.budget.step(1 + container.text().size() / 64);
    return container.text().find(site.text(value)) != std::string::npos;
  }
  if (container.is_mapping()) {
    site.budget.step(1 + container.members().size() / 4);
    return container.find(value) != nullptr;
  }
  const Items items = site.items(container);
  return std::any_of(items.begin(), items.end(),
                     [&](const Value& item) { return equal(item, value); });
}

}  // namespace reckon::policy::jinja
