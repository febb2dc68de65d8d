#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/config_values.h"

/// The visitors behind core/config.h: templates that walk the fields and leave the work to
/// core/config_values.h. Nothing here is meant to be used directly.
namespace reckon::config_detail {

// Declared before the visitors so that fields may hold each other in any order.
template <ConfigStruct T>
void read_value(const nlohmann::json& value, T& out, const Place& place, const Bounds& bounds);
template <ConfigEnum T>
void read_value(const nlohmann::json& value, T& out, const Place& place, const Bounds& bounds);
template <class T>
void read_value(const nlohmann::json& value, std::optional<T>& out, const Place& place,
                const Bounds& bounds);
template <class T>
void read_value(const nlohmann::json& value, std::vector<T>& out, const Place& place,
                const Bounds& bounds);
template <ConfigStruct T>
void write_value(nlohmann::json& slot, const T& value);
template <ConfigEnum T>
void write_value(nlohmann::json& slot, const T& value);
template <class T>
void write_value(nlohmann::json& slot, const std::optional<T>& value);
template <class T>
void write_value(nlohmann::json& slot, const std::vector<T>& value);

template <class T>
struct Reader {
  T& out;
  ObjectReader& object;

  template <class C, class F>
  void operator()(F C::*member, const char* name, const char*, const Bounds& bounds = {}) {
    if (const nlohmann::json* value = object.find(name, bounds)) {
      read_value(*value, out.*member, object.place().child(name), bounds);
    }
  }
};

template <class T>
struct Writer {
  const T& config;
  nlohmann::json& object;

  template <class C, class F>
  void operator()(F C::*member, const char* name, const char*, const Bounds& = {}) {
    write_value(add_member(object, name), config.*member);
  }
};

template <ConfigStruct T>
void read_value(const nlohmann::json& value, T& out, const Place& place, const Bounds&) {
  ObjectReader object(value, place);
  Reader<T> reader{out, object};
  T::visit(reader);
  object.report_unknown();
}

template <ConfigEnum T>
void read_value(const nlohmann::json& value, T& out, const Place& place, const Bounds&) {
  const auto& names = EnumNames<T>::names;
  if (const auto index = read_name(value, names.data(), names.size(), place)) {
    out = static_cast<T>(*index);
  }
}

template <class T>
void read_value(const nlohmann::json& value, std::optional<T>& out, const Place& place,
                const Bounds& bounds) {
  if (is_null(value)) {
    out.reset();
    return;
  }
  T element = out.has_value() ? *out : T{};
  read_value(value, element, place, bounds);
  out = std::move(element);
}

template <class T>
void read_value(const nlohmann::json& value, std::vector<T>& out, const Place& place,
                const Bounds& bounds) {
  const std::optional<size_t> size = list_size(value, place);
  if (!size) return;
  std::vector<T> items;
  for (size_t i = 0; i < *size; ++i) {
    T item{};
    read_value(list_item(value, i), item, place.child(i), bounds);
    items.push_back(std::move(item));
  }
  out = std::move(items);
}

template <ConfigStruct T>
void write_value(nlohmann::json& slot, const T& value) {
  make_object(slot);
  Writer<T> writer{value, slot};
  T::visit(writer);
}

template <ConfigEnum T>
void write_value(nlohmann::json& slot, const T& value) {
  write_name(slot, EnumNames<T>::names.at(static_cast<size_t>(value)));
}

template <class T>
void write_value(nlohmann::json& slot, const std::optional<T>& value) {
  value ? write_value(slot, *value) : write_null(slot);
}

template <class T>
void write_value(nlohmann::json& slot, const std::vector<T>& value) {
  make_list(slot);
  for (const T& item : value) write_value(add_item(slot), item);
}

template <class T>
std::string type_text() {
  if constexpr (std::is_same_v<T, bool>) {
    return "bool";
  } else if constexpr (std::is_integral_v<T>) {
    return "integer";
  } else if constexpr (std::is_floating_point_v<T>) {
    return "number";
  } else if constexpr (std::is_same_v<T, std::string> || ConfigEnum<T>) {
    return "string";
  } else if constexpr (ConfigStruct<T>) {
    return "object";
  } else if constexpr (std::is_same_v<T, JsonValue>) {
    return "any";
  } else if constexpr (std::is_same_v<T, std::optional<Element<T>>>) {
    return type_text<Element<T>>() + " or null";
  } else {
    return "list of " + type_text<Element<T>>();
  }
}

template <class T>
struct Describer {
  const T& defaults;
  std::string prefix;
  std::vector<ConfigField>& fields;

  template <class C, class F>
  void operator()(F C::*member, const char* name, const char* help, const Bounds& bounds = {}) {
    describe(defaults.*member, prefix + name, help, bounds);
  }

  template <class F>
  void describe(const F& value, const std::string& name, const char* help, const Bounds& bounds) {
    if constexpr (ConfigStruct<F>) {
      Describer<F> inner{value, name + ".", fields};
      F::visit(inner);
    } else {
      Slot slot;
      write_value(slot.value(), value);
      std::string bounds_text = bounds.text();
      if constexpr (ConfigEnum<F>) {
        bounds_text = names_text(EnumNames<F>::names.data(), EnumNames<F>::names.size());
      }
      fields.push_back(
          {name, type_text<F>(), bounds.required ? "required" : slot.text(), bounds_text, help});
      if constexpr (ConfigStruct<Element<F>>) {
        constexpr bool many = std::is_same_v<F, std::vector<Element<F>>>;
        describe(Element<F>{}, many ? name + "[]" : name, help, {});
      }
    }
  }
};

}  // namespace reckon::config_detail
