#include "rewards/code/value_compare.h"

#include <doctest/doctest.h>

#include <string>

namespace reckon::rewards::code {

namespace {

Value value(std::string_view json) {
  const auto tree = read_tree(json);
  REQUIRE(tree);
  const auto unpacked = unpack_value(*tree);
  REQUIRE(unpacked);
  return *unpacked;
}

bool equal(std::string_view a, std::string_view b) {
  Expected expected;
  expected.value = value(a);
  return as_expected(expected, value(b));
}

bool holds(ValueRule rule, std::string_view expected, std::string_view actual,
           double absolute = 0.0, double relative = 0.0, bool strict = false) {
  Expected rules{rule, value(expected), absolute, relative, strict};
  return as_expected(rules, value(actual));
}

bool readable(std::string_view json) {
  const auto tree = read_tree(json);
  return tree && unpack_value(*tree);
}

}  // namespace

TEST_CASE("numbers are equal by value, whatever their type") {
  CHECK(equal("1", "true"));
  CHECK(equal("1", "1.0"));
  CHECK(equal("0", "-0.0"));
  CHECK(equal("false", "0.0"));
  CHECK(equal(R"({"complex":[2.0,0.0]})", "2"));
  CHECK(equal("1e22", R"({"int":"10000000000000000000000"})"));
  CHECK_FALSE(equal("1e23", R"({"int":"100000000000000000000000"})"));  // 1e23 is no double
  CHECK_FALSE(equal("9007199254740993", "9007199254740992.0"));
  CHECK_FALSE(equal("0.1", "0.10000000000000002"));
  CHECK_FALSE(equal("1", "\"1\""));
  CHECK_FALSE(equal("0", "null"));
  CHECK_FALSE(equal("0", "[]"));
}

TEST_CASE("integers beyond 64 bits are compared digit by digit") {
  CHECK(equal("123456789012345678901234567890", R"({"int":"123456789012345678901234567890"})"));
  CHECK_FALSE(equal("123456789012345678901234567890", "123456789012345678901234567891"));
}

TEST_CASE("containers are equal as in Python") {
  CHECK(equal("[1,[2]]", "[1.0,[2]]"));
  CHECK_FALSE(equal("[1,2]", R"({"tuple":[1,2]})"));
  CHECK_FALSE(equal("[1,2]", "[2,1]"));
  CHECK_FALSE(equal("[12]", "[1,2]"));
  CHECK_FALSE(equal("[[1],2]", "[[1,2]]"));
  CHECK(equal(R"({"set":[1,2]})", R"({"set":[2,1.0]})"));
  CHECK_FALSE(equal(R"({"set":[1,2]})", "[1,2]"));
  CHECK(equal(R"({"dict":[["a",1],["b",2]]})", R"({"dict":[["b",2],["a",1]]})"));
  CHECK_FALSE(equal(R"({"dict":[["a",1]]})", R"({"dict":[["a",1],["b",2]]})"));
  CHECK_FALSE(equal(R"({"dict":[]})", R"({"set":[]})"));
  CHECK_FALSE(equal(R"(["a,s1:b"])", R"(["a","b"])"));
  CHECK(equal(R"({"bytes":"00ff"})", R"({"bytes":"00ff"})"));
  CHECK_FALSE(equal(R"({"bytes":"61"})", "\"61\""));
}

TEST_CASE("a tuple equals a list only if asked for") {
  Expected expected;
  expected.value = value("[[1,2]]");
  CHECK_FALSE(as_expected(expected, value(R"([{"tuple":[1,2]}])")));
  expected.tuple_as_list = true;
  CHECK(as_expected(expected, value(R"([{"tuple":[1,2]}])")));
  CHECK_FALSE(as_expected(expected, value(R"([{"set":[1,2]}])")));
}

TEST_CASE("a tolerance holds for floats only") {
  CHECK(holds(ValueRule::equal, "[1.0,2]", "[1.0000001,2]", 1e-6));
  CHECK_FALSE(holds(ValueRule::equal, "[1.0,2]", "[1.1,2]", 1e-6));
  CHECK_FALSE(holds(ValueRule::equal, "[100]", "[101]", 5.0));
  CHECK(holds(ValueRule::equal, R"({"dict":[["a",1.0]]})", R"({"dict":[["a",1.01]]})", 0.1));
  CHECK_FALSE(holds(ValueRule::equal, "[1.0]", "[1.0,1.0]", 0.1));
}

TEST_CASE("the rules of split asserts") {
  CHECK(holds(ValueRule::identical, "true", "true"));
  CHECK_FALSE(holds(ValueRule::identical, "true", "1"));
  CHECK(holds(ValueRule::truthy, "true", "[0]"));
  CHECK_FALSE(holds(ValueRule::truthy, "true", R"({"set":[]})"));
  CHECK(holds(ValueRule::falsy, "false", "\"\""));
  CHECK_FALSE(holds(ValueRule::falsy, "false", "-1"));
  CHECK(holds(ValueRule::near, "1", "1.5", 0.5));
  CHECK_FALSE(holds(ValueRule::near, "1", "1.5", 0.5, 0.0, true));
  CHECK_FALSE(holds(ValueRule::near, "1", "\"1\"", 0.5));
  CHECK(holds(ValueRule::isclose, "1.0", "1.0000000001", 0.0, 1e-9));
  CHECK_FALSE(holds(ValueRule::isclose, "1.0", "1.00001", 0.0, 1e-9));
  CHECK(holds(ValueRule::set, "[1,2]", "[2,1,1]"));
  CHECK_FALSE(holds(ValueRule::set, "[1,2]", "[1]"));
  CHECK(holds(ValueRule::multiset, "[1,1,2]", R"({"tuple":[1,2,1]})"));
  CHECK_FALSE(holds(ValueRule::multiset, "[1,1,2]", "[1,2,2]"));
  CHECK(holds(ValueRule::items, "[1,2]", R"({"tuple":[1,2]})"));
  CHECK(holds(ValueRule::items, R"(["a","b"])", "\"ab\""));
  CHECK_FALSE(holds(ValueRule::items, "[1,2]", "[2,1]"));
  CHECK_FALSE(holds(ValueRule::items, "[1,2]", "12"));
}

TEST_CASE("what is no plain value, or too large, is not read") {
  for (const char* json :
       {R"({"any":[]})", R"({"int":"1_0"})", R"({"int":"0x6"})", R"({"int":6})", R"({"int":""})",
        R"({"tuple":[],"set":[]})", "{}", R"({"dict":[[1]]})", R"({"bytes":"6"})",
        R"({"complex":[1]})", "NaN", "Infinity", "1e999", "[1", "1 2", "\"\\ud800\"", "\"\xff\""}) {
    CAPTURE(json);
    CHECK_FALSE(readable(json));
  }
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(readable(nested(64)));
  CHECK_FALSE(readable(nested(70)));
  CHECK_FALSE(readable(nested(1'000'000)));
  std::string many = "[0";
  for (size_t i = 0; i < ValueLimits::kNodes; ++i) many += ",0";
  CHECK_FALSE(readable(many + "]"));
  CHECK_FALSE(readable(R"({"int":")" + std::string(5000, '1') + R"("})"));
  CHECK_FALSE(readable(std::string(5000, '1')));
}

TEST_CASE("values are written as Python reads them") {
  CHECK(python_text(value(R"([null,true,-5,"a'\n\u00e9",{"tuple":[1]},{"set":[]}])")) ==
        R"([None,True,-5,'a\U00000027\U0000000a\U000000e9',(1,),set([]),])");
  CHECK(python_text(value(R"({"dict":[["k",1.5]]})")) == "{'k':float('1.5'),}");
}

}  // namespace reckon::rewards::code
