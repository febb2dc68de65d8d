#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "policy/chat/template.h"

using namespace reckon;
using namespace reckon::policy::jinja;
using Json = nlohmann::ordered_json;

namespace {

Value to_value(const Json& json) {
  if (json.is_null()) return None{};
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return Value(json.get<std::string>());
  if (json.is_array()) {
    Items items;
    for (const Json& item : json) items.push_back(to_value(item));
    return Value::list(std::move(items));
  }
  Members members;
  for (const auto& [key, member] : json.items()) members.emplace_back(Value(key), to_value(member));
  return Value::mapping(std::move(members));
}

/// The rendered text, or what the error says.
std::string rendered(const std::string& source, const Limits& limits = {}) {
  try {
    return Template(source).render({}, limits);
  } catch (const Error& error) {
    return error.what();
  }
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const Limits kSmall{.steps = 20'000, .output_bytes = 10'000, .total_bytes = 100'000};

std::string repeated(const std::string& part, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += part;
  return text;
}

}  // namespace

TEST_CASE("every construct renders as jinja2 does, and what it refuses is refused") {
  std::ifstream file("tests/golden/jinja.json");
  REQUIRE(file.good());
  const Json document = Json::parse(file);
  std::vector<std::pair<std::string, Value>> variables;
  for (const auto& [name, value] : document["variables"].items()) {
    variables.emplace_back(name, to_value(value));
  }
  REQUIRE(document["cases"].size() > 200);
  for (const Json& one : document["cases"]) {
    const std::string source = one["template"];
    CAPTURE(source);
    std::optional<std::string> text;
    std::string message;
    try {
      text = Template(source).render({variables.begin(), variables.end()});
    } catch (const Error& error) {
      message = error.what();
    }
    CAPTURE(message);
    CHECK(text.has_value() == !one["text"].is_null());
    if (text && !one["text"].is_null()) CHECK(*text == one["text"].get<std::string>());
  }
}

TEST_CASE("an error names the construct and its line") {
  CHECK(mentions(rendered("a\n{% include 'x' %}"), "got `include`, in the chat template, line 2"));
  CHECK(mentions(rendered("\n\n{{ 1 | shuffle }}"), "got `shuffle`, in the chat template, line 3"));
  CHECK(mentions(rendered("{{ x.y }}"), "expected a value with `y`, got an undefined one"));
  CHECK(mentions(rendered("{{ raise_exception('roles must alternate') }}"),
                 "got its message: roles must alternate"));
  CHECK(mentions(rendered("{{ lipsum() }}"), "got an undefined value in `lipsum`"));
}

TEST_CASE("a template that does not end is stopped") {
  const std::string loops =
      "{% for i in range(900) %}{% for j in range(900) %}{% endfor %}{% endfor %}";
  CHECK(mentions(rendered(loops, {.steps = 20'000}), "within 20000 steps"));
  CHECK(mentions(rendered("{{ range(100000000) }}", kSmall), "steps"));
  CHECK(mentions(rendered("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"), "macros inside"));
}

TEST_CASE("a template that makes too much text is stopped before the memory is taken") {
  CHECK(mentions(rendered("{{ 'x' * 100000000000 }}"), "bytes"));
  CHECK(mentions(rendered("{% set ns = namespace(s='xxxxxxxxxx') %}{% for i in range(60) %}"
                          "{% set ns.s = ns.s ~ ns.s %}{% endfor %}"),
                 "bytes"));
  CHECK(
      mentions(rendered("{% for i in range(3000) %}12345678{% endfor %}", kSmall), "10000 bytes"));
  CHECK(mentions(rendered("{{ [[1] * 100000] * 100000 }}", kSmall), "bytes"));
}

TEST_CASE("nesting is bounded in brackets, blocks, chains and values") {
  CHECK(mentions(rendered("{{ " + repeated("(", 100'000) + repeated(")", 100'000) + " }}"),
                 "levels"));
  CHECK(mentions(rendered(repeated("{% if 1 %}", 100'000)), "levels"));
  CHECK(mentions(rendered("{{ 1" + repeated(" + 1", 100'000) + " }}"), "levels"));
  CHECK(mentions(rendered("{{ x" + repeated(".x", 100'000) + " }}"), "levels"));
  CHECK(mentions(rendered("{{ " + repeated("not ", 100'000) + "1 }}"), "levels"));
  CHECK(mentions(rendered("{% set ns = namespace(x=1) %}{% for i in range(5000) %}"
                          "{% set ns.x = [ns.x] %}{% endfor %}"),
                 "levels"));
}

TEST_CASE("integers that pass 64 bits are refused, not wrapped") {
  CHECK(mentions(rendered("{{ 9223372036854775807 + 1 }}"), "64 bits"));
  CHECK(mentions(rendered("{{ 10 ** 30 }}"), "64 bits"));
  CHECK(mentions(rendered("{{ 99999999999999999999 }}"), "64 bits"));
  CHECK(mentions(rendered("{{ (0 - 9223372036854775807 - 1) // (0 - 1) }}"), "64 bits"));
}
