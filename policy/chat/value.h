#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace reckon::policy::jinja {

class Value;
struct Macro;
struct Loop;
struct Method;
struct Namespace;

/// The items of a list or tuple. Immutable once a `Value` holds it.
using Items = std::vector<Value>;
/// The members of a mapping, in the order of their insertion.
using Members = std::vector<std::pair<Value, Value>>;

struct Undefined {};
struct None {};

/// A list, or the tuple that `(a, b)` and `dict.items()` make: they differ as text only.
struct Sequence {
  std::shared_ptr<const Items> items;
  bool is_tuple = false;
  int depth = 1;
};

struct Mapping {
  std::shared_ptr<const Members> members;
  int depth = 1;
};

/// A function of the template language, by its name: `range`, `namespace` ...
struct Function {
  std::string_view name;
};

/// A value of the template language, with the meaning Python gives it. Values are immutable and
/// share what they hold; only a namespace is a reference, to one that its evaluator owns.
class Value {
 public:
  Value() = default;  ///< undefined
  Value(None) : data_(None{}) {}
  Value(bool value) : data_(value) {}
  Value(int value) : data_(std::int64_t{value}) {}
  Value(std::int64_t value) : data_(value) {}
  Value(double value) : data_(value) {}
  Value(std::string text) : data_(std::make_shared<const std::string>(std::move(text))) {}
  Value(std::string_view text) : Value(std::string(text)) {}
  Value(const char* text) : Value(std::string(text)) {}
  Value(Function function) : data_(function) {}
  Value(std::shared_ptr<const Macro> macro) : data_(std::move(macro)) {}
  Value(std::shared_ptr<const Loop> loop) : data_(std::move(loop)) {}
  Value(std::shared_ptr<const Method> method) : data_(std::move(method)) {}
  Value(Namespace* space) : data_(space) {}

  /// Throw Error(invalid_argument) for a value that would be nested too deep: what walks over a
  /// value, and frees it, does so by recursion.
  static Value list(Items items);
  static Value tuple(Items items);
  static Value mapping(Members members);

  bool is_undefined() const { return holds<Undefined>(); }
  bool is_none() const { return holds<None>(); }
  bool is_bool() const { return holds<bool>(); }
  /// An integer that is no boolean.
  bool is_integer() const { return holds<std::int64_t>(); }
  bool is_float() const { return holds<double>(); }
  /// An integer, a float, or a boolean, which counts as 0 or 1.
  bool is_number() const { return is_bool() || is_integer() || is_float(); }
  bool is_string() const { return holds<std::shared_ptr<const std::string>>(); }
  bool is_sequence() const { return holds<Sequence>(); }
  bool is_mapping() const { return holds<Mapping>(); }
  bool is_function() const { return holds<Function>(); }

  /// What the value holds; nothing of that type gives null, "" or no items.
  const std::string& text() const;
  const Items& items() const;
  const Members& members() const;
  bool is_tuple() const { return is_sequence() && std::get<Sequence>(data_).is_tuple; }
  std::string_view function() const { return std::get<Function>(data_).name; }
  std::shared_ptr<const Macro> macro() const { return pointer<Macro>(); }
  std::shared_ptr<const Loop> loop() const { return pointer<Loop>(); }
  std::shared_ptr<const Method> method() const { return pointer<Method>(); }
  Namespace* name_space() const;

  /// A boolean or integer as integer; none for other types.
  std::optional<std::int64_t> integer() const;
  /// A number as float; 0 for other types.
  double number() const;
  /// Whether Python takes the value for true.
  bool truth() const;
  /// The member `key` of a mapping, or null.
  const Value* find(const Value& key) const;
  /// Levels of values inside each other; 0 for a plain one.
  int depth() const;
  /// Name of the type for messages: "a string", "undefined" ...
  std::string_view type_name() const;

 private:
  template <class T>
  bool holds() const {
    return std::holds_alternative<T>(data_);
  }
  template <class T>
  std::shared_ptr<const T> pointer() const {
    const auto* found = std::get_if<std::shared_ptr<const T>>(&data_);
    return found == nullptr ? nullptr : *found;
  }

  std::variant<Undefined, None, bool, std::int64_t, double, std::shared_ptr<const std::string>,
               Sequence, Mapping, Function, std::shared_ptr<const Macro>,
               std::shared_ptr<const Loop>, std::shared_ptr<const Method>, Namespace*>
      data_;
};

/// A method of a value before it is called: `text.strip`.
struct Method {
  Value self;
  std::string name;
};

/// What `loop` is inside a loop. The index moves as the loop goes on.
struct Loop {
  Items items;
  std::size_t index = 0;
  int value_depth = 1;  // levels of values: the items' and one more
};

/// What `namespace()` gives: variables that inner blocks can set.
struct Namespace {
  Members members;
};

/// Python's ==. Values are nested at most as deep as templates are.
bool equal(const Value& left, const Value& right);

/// Python's <; none where the two cannot be ordered.
std::optional<bool> less(const Value& left, const Value& right);

/// One more than the deepest of the items. Throws like `Value::list`.
int depth_around(const Items& items);

/// Sets `key` in `members`, at its old place if it is there.
void set_member(Members& members, const Value& key, Value value);

}  // namespace reckon::policy::jinja
