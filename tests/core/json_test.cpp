#include "core/json.h"

#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "core/files.h"
#include "tests/core/thrown_error.h"

using nlohmann::json;
using reckon::ErrorCode;
using reckon::json_pointer;
using reckon::json_summary;
using reckon::json_text;
using reckon::parse_json_text;
using reckon::tests::thrown_by;

TEST_CASE("a JSON text is read as the library reads it") {
  const std::string text =
      R"({"a": [1, -2, 3.5, true, null, "x\u00e9"], "b": {"c": 18446744073709551615}, "d": []})";
  CHECK(parse_json_text(text, "t") == json::parse(text));
  CHECK(parse_json_text("7", "t") == 7);
  CHECK(parse_json_text("\xEF\xBB\xBF[]", "t") == json::array());
}

TEST_CASE("comments are read only where they are asked for") {
  const std::string text = "{ // one\n \"a\": /* two */ 1 }";
  CHECK(parse_json_text(text, "t", true) == json{{"a", 1}});
  CHECK(thrown_by([&] { parse_json_text(text, "t"); }).code == ErrorCode::corrupt);
}

TEST_CASE("a syntax error names file, line, column and what was expected") {
  const auto error = thrown_by([] { parse_json_text("{\n  \"a\": 1,\n  ]\n}", "r.json"); });
  CHECK(error.code == ErrorCode::corrupt);
  CHECK(error.says("r.json line 3 column 3"));
  CHECK(error.says("expected string literal"));
  CHECK(thrown_by([] { parse_json_text("[1", "x", false, 41); }).says("x line 41 column 3"));
}

TEST_CASE("broken texts are errors") {
  for (const std::string text :
       {"", " ", "{", "[1,]", "{\"a\"}", "01", "1e999", "nul", "[1] 2", "\"\xff\"", "\"a\nb\"",
        "NaN", "'a'", "{\"a\":1,}", "\"\\ud800\""}) {
    CAPTURE(text);
    CHECK(thrown_by([&] { parse_json_text(text, "t"); }).code == ErrorCode::corrupt);
  }
  CHECK(thrown_by([] { parse_json_text(std::string_view("[\0]", 3), "t"); }).code ==
        ErrorCode::corrupt);
}

TEST_CASE("nesting is limited, so that hostile depth cannot overflow the stack") {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK_NOTHROW(parse_json_text(nested(512), "t"));
  CHECK(thrown_by([&] { parse_json_text(nested(513), "t"); }).says("column 513"));
  CHECK(thrown_by([&] { parse_json_text(nested(100000), "t"); }).says("512 levels"));
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  CHECK(thrown_by([&] { parse_json_text(objects, "t"); }).says("512 levels"));
}

TEST_CASE("a key that stands twice in an object is an error") {
  const auto error = thrown_by([] { parse_json_text("{\"a\": 1,\n\"b\": {}, \"a\": 2}", "t"); });
  CHECK(error.code == ErrorCode::corrupt);
  CHECK(error.says("\"a\""));
  CHECK(error.says("line 2"));
  CHECK_NOTHROW(parse_json_text(R"([{"a": 1}, {"a": {"a": 2}}])", "t"));
}

TEST_CASE("a message shows only the beginning of a long token") {
  const auto error =
      thrown_by([] { parse_json_text("\"" + std::string(1000000, 'x') + "\n", "t"); });
  CHECK(error.text.size() < 500);
}

TEST_CASE("a file is read, and a missing one is named") {
  const reckon::TempFolder folder;
  const auto path = folder.path() / "r.json";
  reckon::write_file_atomic(path, "{\"a\": 1} // end");
  CHECK(reckon::read_json_file(path, true) == json{{"a", 1}});
  CHECK(thrown_by([&] { reckon::read_json_file(path); }).says(path.string() + " line 1 column 10"));
  const auto error = thrown_by([&] { reckon::read_json_file(folder.path() / "none"); });
  CHECK(error.code == ErrorCode::not_found);
  CHECK(error.says("none"));
}

TEST_CASE("writing never fails on its content") {
  CHECK(json_text(json("a\xff")) == "\"a\xEF\xBF\xBD\"");
  CHECK(json_text(json(std::numeric_limits<double>::quiet_NaN())) == "null");
}

TEST_CASE("a summary is short and whole UTF-8") {
  CHECK(json_summary(json(3)) == "3");
  CHECK(json_summary(json("x")) == "\"x\"");
  CHECK(json_summary(json::array({1})) == "a list of 1 item");
  CHECK(json_summary(json::object()) == "an object");
  std::string euros = "a";
  for (int i = 0; i < 100; ++i) euros += "\u20ac";
  const std::string summary = json_summary(json(euros));
  CHECK(summary.size() <= 60);
  CHECK(json::accept(summary));
}

TEST_CASE("pointers escape what has a meaning in them") {
  CHECK(json_pointer("", "a") == "/a");
  CHECK(json_pointer("/a", "b/c~d") == "/a/b~1c~0d");
  CHECK(json_pointer("/a", 3) == "/a/3");
  const json document = {{"b/c~d", 5}};
  CHECK(document.at(json::json_pointer(json_pointer("", "b/c~d"))) == 5);
}
