// Reads ../shared/data where it is there: every reference solution of HumanEval and MBPP passes its
// own tests, and programs that solve nothing do not.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/jsonl.h"
#include "real_sandbox.h"

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

/// Grades `program(row)` for every row; prints those whose score is not `expected`, and returns
/// their number.
template <class Program>
int count_others(const std::vector<json>& rows, double expected, const char* what,
                 Program&& program) {
  const auto sandbox = real_sandbox();
  if (!sandbox) return 0;
  std::vector<json> requests;
  for (const json& row : rows) {
    requests.push_back({{"answer", program(row)}, {"columns", row}});
  }
  rewards::code::SplitMemory memory;
  const auto begin = std::chrono::steady_clock::now();
  const auto verdicts = grade_all(*sandbox, requests, memory);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  int others = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (verdicts[i].score == expected) continue;
    ++others;
    std::cout << fmt::format("{} {}: {}\n", what, rows[i]["id"].get<std::string>(),
                             show(verdicts[i]));
  }
  std::cout << fmt::format("{}: {} of {} programs have score {}, in {:.1f} s\n", what,
                           rows.size() - static_cast<size_t>(others), rows.size(), expected,
                           took.count());
  return others;
}

}  // namespace

TEST_SUITE_BEGIN("slow");

TEST_CASE("every reference solution of HumanEval and MBPP passes its tests") {
  CHECK(count_others(problems(), 1.0, "reference",
                     [](const json& row) { return row["solution"].get<std::string>(); }) == 0);
}

TEST_CASE("a program that defines nothing passes no problem") {
  CHECK(count_others(problems(), 0.0, "empty", [](const json&) { return "# nothing\n"; }) == 0);
}

TEST_SUITE_END();

}  // namespace reckon::tests
