#include <doctest/doctest.h>

#include <map>

#include "core/philox.h"
#include "rewards/math/math.h"
#include "tests/rewards/math/answer_sets.h"

namespace reckon::rewards::math {
namespace {

constexpr const char* kData = "../shared/data";

/// The sets, or a message that they are not there.
std::vector<AnswerSet> sets_or_skip() {
  std::vector<AnswerSet> sets = load_answer_sets(kData);
  if (sets.empty()) MESSAGE("skipped: no folders math and gsm8k in " << std::string(kData));
  return sets;
}

}  // namespace

TEST_CASE("at least 99.9 % of the golds equal themselves") {
  for (const AnswerSet& set : sets_or_skip()) {
    size_t failing = 0;
    for (const std::string& gold : set.answers) {
      const Verdict verdict = grade_answer(gold, gold);
      if (verdict.score == 1.0) continue;
      ++failing;
      MESSAGE(set.name << ": " << gold << ": " << std::string(to_string(verdict.reason)));
    }
    CHECK(static_cast<double>(failing) <= 0.001 * static_cast<double>(set.answers.size()));
  }
}

TEST_CASE("an answer of another problem is accepted only where the document lists its kind") {
  for (const AnswerSet& set : sets_or_skip()) {
    const CrossCheck found = cross_check(set, 200000);
    // The texts are in docs/math-cross-check.md; a new kind would show as more of them.
    CHECK(found.pairs == 200000);
    CHECK(found.accepted.size() <= (set.name == "math" ? 80 : 0));
  }
}

TEST_CASE("equality is symmetric but for rounding, percent, intervals and bases") {
  for (const AnswerSet& set : sets_or_skip()) {
    for (const auto& [texts, entry] : cross_check(set, 50000).accepted) {
      const auto& [gold, answer] = texts;
      const bool one_sided = gold.find('.') != std::string::npos ||
                             gold.find('_') != std::string::npos ||
                             gold.find('%') != std::string::npos ||
                             gold.find('\\' + std::string("le")) != std::string::npos;
      INFO(gold << " " << answer);
      if (!one_sided) CHECK(grade_answer(gold, answer).score == 1.0);
    }
  }
}

TEST_CASE("verdicts do not depend on order") {
  const std::vector<std::string> golds{"5",       "\\sqrt8", "\\frac12", "3.14", "(1,2)", "x^2-1",
                                       "\\log 8", "1,2",     "[0,1)",    "C",    "\\pm 2"};
  const std::vector<std::string> answers{"5.0",        "2\\sqrt2",  "0.5",    "\\pi",  "(1,2)",
                                         "(x-1)(x+1)", "3\\ln 2",   "2,1",    "[0,1)", "(C)",
                                         "-2,2",       "\\frac123", "9^{9^9}"};
  std::vector<std::pair<size_t, size_t>> pairs;
  for (size_t g = 0; g < golds.size(); ++g) {
    for (size_t a = 0; a < answers.size(); ++a) pairs.emplace_back(g, a);
  }
  std::map<std::pair<size_t, size_t>, Reason> first;
  for (const auto& [g, a] : pairs) first[{g, a}] = grade_answer(answers[a], golds[g]).reason;
  RandomSequence random(RandomStream({.seed = 3, .purpose = Purpose::shuffle}), 0, 0);
  for (int round = 0; round < 3; ++round) {
    random.shuffle(pairs);
    for (const auto& [g, a] : pairs) {
      CHECK(grade_answer(answers[a], golds[g]).reason == first[{g, a}]);
    }
  }
}

}  // namespace reckon::rewards::math
