#include <charconv>
#include <nlohmann/json.hpp>

#include "rewards/code/value.h"

namespace reckon::rewards::code {

namespace {

/// Containers of JSON around one value: tagged values take two or three.
constexpr size_t kMostNesting = 3 * ValueLimits::kDepth;

/// Builds a JsonTree from the library's events. An event that passes a limit ends the reading.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit TreeBuilder(size_t most_nodes) : most_nodes_(most_nodes) {}

  JsonTree take() { return std::move(root_); }

  bool null() override { return add({}); }
  bool boolean(bool value) override {
    JsonTree tree{JsonTree::Kind::boolean};
    tree.real = value ? 1.0 : 0.0;
    return add(std::move(tree));
  }
  bool number_integer(number_integer_t value) override { return integer(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return integer(std::to_string(value)); }
  bool number_float(number_float_t value, const string_t& raw) override {
    // Integers of more than 64 bits come here too.
    if (raw.find_first_of(".eE") == string_t::npos) return integer(raw);
    JsonTree tree{JsonTree::Kind::real};
    tree.real = value;
    return add(std::move(tree));
  }
  bool string(string_t& value) override {
    JsonTree tree{JsonTree::Kind::text};
    tree.text = std::move(value);
    return add(std::move(tree));
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(JsonTree::Kind::object); }
  bool start_array(std::size_t) override { return open(JsonTree::Kind::list); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    open_.back().keys.push_back(std::move(value));
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }

 private:
  bool integer(std::string digits) {
    if (digits.size() > ValueLimits::kDigits + 1) return false;
    JsonTree tree{JsonTree::Kind::integer};
    tree.text = digits == "-0" ? "0" : std::move(digits);
    return add(std::move(tree));
  }
  bool open(JsonTree::Kind kind) {
    if (open_.size() >= kMostNesting || ++nodes_ > most_nodes_) return false;
    open_.push_back(JsonTree{kind});
    return true;
  }
  bool close() {
    JsonTree done = std::move(open_.back());
    open_.pop_back();
    --nodes_;  // `add` counts it again
    return add(std::move(done));
  }
  bool add(JsonTree tree) {
    if (++nodes_ > most_nodes_) return false;
    if (open_.empty()) {
      root_ = std::move(tree);
    } else {
      open_.back().items.push_back(std::move(tree));
    }
    return true;
  }

  JsonTree root_;
  std::vector<JsonTree> open_;
  const size_t most_nodes_;
  size_t nodes_ = 0;
};

}  // namespace

const JsonTree* JsonTree::find(std::string_view key) const {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == key) return &items[i];
  }
  return nullptr;
}

std::optional<JsonTree> read_tree(std::string_view json, size_t most_nodes) {
  TreeBuilder builder(most_nodes);
  if (!nlohmann::json::sax_parse(json, &builder)) return std::nullopt;
  return builder.take();
}

}  // namespace reckon::rewards::code
