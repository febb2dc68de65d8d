#include "rewards/code/specification.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace reckon::rewards::code {

namespace {

using nlohmann::json;

Specification read(const json& columns, const CodeOptions& options = {}) {
  return read_specification(columns, options);
}

json cases(json list) { return {{"verification_info", {{"test_cases", std::move(list)}}}}; }

}  // namespace

TEST_CASE("verification_info is read as an object and as a text") {
  const json info{{"language", "cpp"},
                  {"test_cases",
                   {{{"input", "1\n"}, {"output", "2\n"}, {"type", "stdin_stdout"}},
                    {{"input", {"3", "4"}}, {"output", {"7"}}, {"type", "stdin_stdout"}}}}};
  for (const json& column : {info, json(info.dump())}) {
    const auto result = read({{"verification_info", column}});
    CHECK(result.fault == "");
    CHECK(result.language == sandbox::Language::cpp);
    REQUIRE(result.tests.size() == 2);
    CHECK(result.tests[0].output == "2\n");
    CHECK(result.tests[1].input == "3\n4\n");
  }
}

TEST_CASE("function calls take their arguments from a list, an object or lines of JSON") {
  const auto call = [](const json& input, const json& output) {
    return read(cases(
        {{{"input", input}, {"output", output}, {"type", "function_call"}, {"fn_name", "f"}}}));
  };
  CHECK(call({1, "a"}, 2).tests.at(0).input == "f(1, 'a', )");
  CHECK(call({{"args", {1}}, {"kwargs", {{"k", 2}}}}, 2).tests.at(0).input == "f(1, **{'k':2,})");
  const auto text = call("[1, 2]\n\"x\"\n", "[3]");
  CHECK(text.tests.at(0).input == "f([1,2,], 'x', )");
  CHECK(text.tests.at(0).expected.value.kind == Value::Kind::list);
  CHECK(text.tests.at(0).expected.tuple_as_list);
  CHECK(call({1}, "[3]").tests.at(0).expected.value.kind == Value::Kind::text);
  CHECK(call("1", "no json").fault != "");
  CHECK(call(5, 1).fault != "");
}

TEST_CASE("an integer that a reader made a double of is a fault; as text it is exact") {
  const std::string text =
      R"({"test_cases":[{"input":[1],"output":36893488147419103232,"fn_name":"f"}]})";
  CHECK(read({{"verification_info", json::parse(text)}}).fault != "");
  const auto exact = read({{"verification_info", text}});
  CHECK(exact.fault == "");
  CHECK(exact.tests.at(0).expected.value.text == "36893488147419103232");
}

TEST_CASE("tests that are code are kept to be split") {
  const auto lines = read({{"tests", {"assert f(1) == 2"}},
                           {"entry_point", "f"},
                           {"setup", "import math"},
                           {"challenge_tests", {"assert f(2) == 3"}}});
  CHECK(lines.unsplit.size() == 1);
  CHECK(lines.setup == "import math");
  const auto program = read({{"tests", "def check(candidate):\n    assert candidate(1)\n"},
                             {"entry_point", "f"},
                             {"prompt", "def f(x):\n    \"\"\"doc\"\"\"\n"}});
  CHECK(program.unsplit_program);
  CHECK(program.prelude != "");
  CodeOptions options;
  options.challenge_tests = true;
  CHECK(read({{"tests", {"assert f(1) == 2"}},
              {"entry_point", "f"},
              {"challenge_tests", {"assert f(2) == 3"}}},
             options)
            .unsplit.size() == 2);
}

TEST_CASE("specifications that cannot be graded are faults") {
  const json good{{"input", "1"}, {"output", "2"}};
  for (const json& columns :
       {json::object(), json{{"tests", json::array()}}, json{{"tests", 5}},
        json{{"tests", {{{"input", "1"}, {"output", " \n"}}}}}, json{{"tests", {good, "assert x"}}},
        json{{"tests", {{{"input", "1"}}}}}, json{{"tests", {"assert f(1)"}}},
        json{{"verification_info", "{"}}, json{{"verification_info", json::object()}},
        json{{"verification_info", {{"test_cases", {{{"type", "magic"}}}}}}},
        json{{"verification_info", {{"language", "cobol"}, {"test_cases", {good}}}}},
        json{{"verification_info",
              {{"language", "cpp"},
               {"test_cases", {{{"input", {1}}, {"output", 1}, {"fn_name", "f"}}}}}}},
        json{{"tests", {{{"input", {1}}, {"output", 1}, {"fn_name", "f(); import os"}}}}}}) {
    CAPTURE(columns.dump());
    CHECK(read(columns).fault != "");
  }
  CHECK(read({{"tests", {good}}}).fault == "");
  CodeOptions options;
  options.comparator.rule = TextRule::checker;
  CHECK(read({{"tests", {good}}}, options).fault != "");
  CHECK(read({{"tests", {good}}, {"checker", "print(1)"}}, options).fault == "");
}

}  // namespace reckon::rewards::code
