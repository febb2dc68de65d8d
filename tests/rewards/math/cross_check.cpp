// Writes docs/math-cross-check.md: golds that do not equal themselves, and every pair of answers of
// different problems that is accepted though it is written differently.
//
//     reckon_math_cross_check DATA > docs/math-cross-check.md

#include <fmt/ranges.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "rewards/math/math.h"
#include "tests/rewards/math/answer_sets.h"

namespace reckon::rewards::math {
namespace {

constexpr uint64_t kPairs = 200000;

void print_golds(const AnswerSet& set) {
  std::string failing;
  size_t equal = 0;
  for (const std::string& gold : set.answers) {
    const Verdict verdict = grade_answer(gold, gold);
    if (verdict.score == 1.0) {
      ++equal;
    } else {
      failing += fmt::format("- {}: {}\n", gold.empty() ? "an empty gold" : "`" + gold + "`",
                             to_string(verdict.reason));
    }
  }
  fmt::print("{}: {} of {} golds equal themselves ({:.3f} %).\n\n", set.name, equal,
             set.answers.size(),
             100.0 * static_cast<double>(equal) / static_cast<double>(set.answers.size()));
  if (!failing.empty()) fmt::print("The others:\n\n{}\n", failing);
}

/// Why two texts are equal, as a reader would say it.
std::string kind(const std::string& gold, const std::string& answer, const std::string& reason) {
  const auto has = [&](std::string_view part) {
    return gold.find(part) != std::string::npos || answer.find(part) != std::string::npos;
  };
  if (reason == "equal_text") return "the same words, or two spellings of the empty set";
  if (has("\\text") || has("\\mbox") || has("circ") || has("$") || has("%") || has("mathrm")) {
    return "a unit, a currency, a degree or percent sign on one side or both";
  }
  if (has("_")) return "a base that the answer leaves out or shows";
  if (has("frac") || has("/")) return "one fraction, written or reduced in two ways";
  if (has(".")) return "a decimal and its exact value";
  if (has(",")) return "one list, tuple or number with commas, spaced or ordered in two ways";
  if (has("=")) return "an equation of one symbol and its right side";
  return "one value in other spacing, brackets or order";
}

void print_cross_check(const AnswerSet& set) {
  const CrossCheck found = cross_check(set, kPairs);
  uint64_t accepted = 0;
  std::map<std::string, std::vector<std::string>> groups;
  for (const auto& [texts, entry] : found.accepted) {
    accepted += static_cast<uint64_t>(entry.second);
    groups[kind(texts.first, texts.second, entry.first)].push_back(
        fmt::format("`{}` = `{}`", texts.first, texts.second));
  }
  fmt::print("{}: {} pairs of differing text, {} accepted, {} of them distinct.\n\n", set.name,
             found.pairs, accepted, found.accepted.size());
  for (const auto& [name, pairs] : groups) {
    fmt::print("**{}** ({}): {}\n\n", name, pairs.size(), fmt::join(pairs, "; "));
  }
}

}  // namespace
}  // namespace reckon::rewards::math

int main(int argc, char** argv) {
  using namespace reckon::rewards::math;
  const std::vector<AnswerSet> sets = load_answer_sets(argc > 1 ? argv[1] : "../shared/data");
  if (sets.empty()) {
    std::fputs("expected a folder with math/ and gsm8k/ as the first argument\n", stderr);
    return 2;
  }
  fmt::print(
      "# Cross-check of the mathematical grader\n\n"
      "Written by `reckon_math_cross_check DATA`. Golds are graded against themselves; "
      "then answers of different problems, drawn with a fixed seed, against each other. Every "
      "accepted pair is listed, grouped by why the two are equal under the rules of the grader: "
      "units, currencies and degree signs stand beside a number and are compared only where both "
      "sides show one; an equation of one symbol says its right side; the answer may leave out "
      "the base of the gold. No pair is accepted by a tolerance.\n\n## Golds\n\n");
  for (const AnswerSet& set : sets) print_golds(set);
  fmt::print("## Accepted pairs\n\n");
  for (const AnswerSet& set : sets) print_cross_check(set);
  return 0;
}
