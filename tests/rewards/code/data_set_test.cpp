// Reads ../shared/data where it is there: every reference solution of HumanEval and MBPP passes its
// own tests, and programs that solve nothing do not.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/jsonl.h"
#include "rewards/code/specification.h"
#include "rewards/code/text_compare.h"
#include "tests/rewards/code/real_sandbox.h"

namespace reckon::tests {

namespace {

using nlohmann::json;

const std::filesystem::path kData = "../shared/data";

std::vector<json> rows_of(const std::vector<std::string>& files) {
  std::vector<json> rows;
  for (const std::string& file : files) {
    if (!std::filesystem::exists(kData / file)) {
      std::cout << "skipped: there is no " << (kData / file).string() << "\n";
      return {};
    }
    for_each_jsonl(kData / file, [&](const json& row, uint64_t) { rows.push_back(row); });
  }
  return rows;
}

std::vector<json> problems() {
  return rows_of({"humaneval/test.jsonl", "mbpp/prompt.jsonl", "mbpp/train.jsonl",
                  "mbpp/validation.jsonl", "mbpp/test.jsonl"});
}

/// Holds programs to the tests of the rows.
class Proof {
 public:
  Proof() : rows_(problems()), sandbox_(real_sandbox()) {}

  /// Grades `program(row)` for every row; prints those whose score is not `expected`, and returns
  /// their number.
  template <class Program>
  int count_others(double expected, const char* what, Program&& program) {
    if (!sandbox_) return 0;
    std::vector<json> requests;
    for (const json& row : rows_) {
      requests.push_back({{"answer", program(row)}, {"columns", row}});
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto verdicts = grade_all(*sandbox_, requests, memory_);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    int others = 0;
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (verdicts[i].score == expected) continue;
      ++others;
      std::cout << fmt::format("{} {}: {}\n", what, rows_[i]["id"].get<std::string>(),
                               show(verdicts[i]));
    }
    std::cout << fmt::format("{}: {} of {} programs have score {}, in {:.1f} s\n", what,
                             rows_.size() - static_cast<size_t>(others), rows_.size(), expected,
                             took.count());
    return others;
  }

 private:
  std::vector<json> rows_;
  std::unique_ptr<sandbox::Sandbox> sandbox_;
  rewards::code::SplitMemory memory_;
};

std::string named(const json& row, const std::string& text) {
  return fmt::format(fmt::runtime(text), row["entry_point"].get<std::string>());
}

}  // namespace

TEST_SUITE_BEGIN("slow");

TEST_CASE(
    "HumanEval and MBPP: reference solutions pass; empty, wrong and cheating programs do not") {
  Proof proof;
  CHECK(proof.count_others(1.0, "reference", [](const json& row) {
    return row["solution"].get<std::string>();
  }) == 0);
  CHECK(proof.count_others(0.0, "empty", [](const json&) { return "# nothing\n"; }) == 0);
  CHECK(proof.count_others(0.0, "wrong", [](const json& row) {
    return named(row, "def {}(*args, **named):\n    return 123456789\n");
  }) == 0);
  CHECK(proof.count_others(0.0, "cheating", [](const json& row) {
    return named(row,
                 "class Any(str):\n"
                 "    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True\n"
                 "    __hash__ = str.__hash__\n"
                 "    __abs__ = __float__ = __sub__ = __rsub__ = lambda self, *other: 0.0\n"
                 "def {}(*args, **named):\n    return Any('any')\n");
  }) == 0);
}

TEST_CASE(
    "code_contests: every specification can be read and the expected outputs equal themselves") {
  const auto rows = rows_of({"code_contests/test.jsonl"});
  int readable = 0;
  for (const json& row : rows) {
    const auto specification = rewards::code::read_specification(row, {});
    if (!specification.fault.empty()) {
      std::cout << row["id"] << ": " << specification.fault << "\n";
      continue;
    }
    ++readable;
    for (const auto& test : specification.tests) {
      CHECK(rewards::code::same_text(test.output, test.output));
      CHECK_FALSE(rewards::code::same_text(test.output, test.output + "x"));
      CHECK_FALSE(rewards::code::same_text(test.output, ""));
    }
  }
  CHECK(readable == static_cast<int>(rows.size()));
}

TEST_SUITE_END();

}  // namespace reckon::tests
