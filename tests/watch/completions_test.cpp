#include "watch/completions.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/watch/run_files.h"

namespace reckon::watch {
namespace {

TEST_CASE("steps are found by their place in the file, whatever the texts hold") {
  RunFiles files;
  files.add_completion(1, 0, 0, "easy", R"(a "step": 7, \" { [ \\)", true);
  files.add_completion(1, 0, 1, "easy", "}]\n\"stage\":\"x\"", false);
  files.add_completion(2, 1, 0, "easy", "b", true);
  const auto steps = index_completions(files.file("completions.jsonl"));
  REQUIRE(steps.size() == 2);
  CHECK(steps[0].step == 1);
  CHECK(steps[0].stage == "zero");
  CHECK(steps[0].count == 2);
  CHECK(steps[1].step == 2);
  CHECK(steps[1].offset == steps[0].size);
  const auto answers = read_completions(files.file("completions.jsonl"), steps[1]);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].completion == "b");
  CHECK(answers[0].difficulty == "easy");
}

TEST_CASE("the step of a nested object is not taken for the answer's own") {
  RunFiles files;
  files.put("completions.jsonl", R"({"columns":{"step":99},"stage":"zero","step": 4})"
                                 "\n");
  const auto steps = index_completions(files.file("completions.jsonl"));
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].step == 4);
}

TEST_CASE("a half-written last answer is left out") {
  RunFiles files;
  files.add_completion(1, 0, 0, "easy", "a", true);
  files.append("completions.jsonl", R"({"stage":"zero","step":2,"completion":"b"})");
  CHECK(index_completions(files.file("completions.jsonl")).size() == 1);
}

TEST_CASE("a missing file has no steps") {
  RunFiles files;
  CHECK(index_completions(files.file("completions.jsonl")).empty());
}

TEST_CASE("an answer of a megabyte is cut at the end of a character") {
  RunFiles files;
  std::string text;
  while (text.size() < 1000000) text += "\xE2\x82\xAC";
  files.add_completion(1, 0, 0, "easy", text, true);
  const auto steps = index_completions(files.file("completions.jsonl"));
  REQUIRE(steps.size() == 1);
  const auto answers = read_completions(files.file("completions.jsonl"), steps[0], 1000);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].completion.size() == 999);
  CHECK(answers[0].completion_bytes == text.size());
}

TEST_CASE("a broken line costs only its own answer") {
  RunFiles files;
  files.add_completion(1, 0, 0, "easy", "a", true);
  files.append("completions.jsonl", "{\"stage\":\"zero\",\"step\":1,\"completion\":\"\xFF\"}\n");
  files.add_completion(1, 0, 2, "easy", "c", true);
  const auto steps = index_completions(files.file("completions.jsonl"));
  REQUIRE(steps.size() == 1);
  CHECK(steps[0].count == 3);
  CHECK(read_completions(files.file("completions.jsonl"), steps[0]).size() == 2);
}

TEST_CASE("a verdict outweighs a reward that is drawn by chance") {
  RunFiles files;
  files.put("completions.jsonl", R"({"stage":"zero","step":1,"reward":1.0,"reason":"wrong value"})"
                                 "\n"
                                 R"({"stage":"zero","step":1,"reward":1.0})"
                                 "\n"
                                 R"({"stage":"zero","step":1,"reward":null,"reason":"correct"})"
                                 "\n");
  const auto steps = index_completions(files.file("completions.jsonl"));
  REQUIRE(steps.size() == 1);
  const auto answers = read_completions(files.file("completions.jsonl"), steps[0]);
  REQUIRE(answers.size() == 3);
  CHECK_FALSE(answers[0].correct);
  CHECK(answers[1].correct);
  CHECK(answers[2].correct);
  CHECK_FALSE(answers[2].reward);
}

}  // namespace
}  // namespace reckon::watch
