#include "rewards/text_match.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace reckon::rewards;
using nlohmann::json;

namespace {

RewardResult score(const json& config, std::string_view completion, const json& columns,
                   bool bare = false) {
  RewardInput input{"", completion, false, columns, {}, 0, 0};
  input.bare_answer = bare;
  return make_reward(config, "")->score(input);
}

const json kChoice = {{"kind", "choice"}};
const json kExact = {{"kind", "exact"}};

}  // namespace

TEST_CASE("blanks, forms and capitals are folded as asked") {
  CHECK(folded_text("  a \t\n b\u3000c ", {}) == "a b c");
  CHECK(folded_text("\uff21\ufb01", {true, false}) == "Afi");
  CHECK(folded_text("\uff21\ufb01", {false, false}) == "\uff21\ufb01");
  CHECK(folded_text("e\u0301", {true, false}) == "\u00e9");
  CHECK(folded_text("STRA\u00dfE", {true, true}) == "strasse");
  CHECK(folded_text("\u00c9 A", {false, true}) == "\u00e9 a");
  CHECK(folded_text("a\xff", {}) == "a\ufffd");
  CHECK(folded_text("", {true, true}) == "");
}

TEST_CASE("a choice is one letter in its usual wrappings") {
  for (const char* text :
       {"C", "(C)", "C.", "C)", " C ", "$C$", "**C**", "\\text{C}", "\\textbf{(C)}",
        "\\textbf{(C) }", "\\mathrm{C}", "(C).", "\uff23", "\\(C\\)", "C:", "[C]", "C <eos>"}) {
    CHECK(choice_letter(text) == 'C');
  }
  for (const char* text : {"", "c", "K", "CC", "C 5", "C. five", "A or C", "not C", "()", "5",
                           "\u0421", "\u0391", "AC", "(A)(C)", "-C", "C\u0301"}) {
    CHECK(!choice_letter(text));
  }
  CHECK(!choice_letter(std::string(1'000'000, '(')));
}

TEST_CASE("the choice reward pays the letter of the gold only") {
  CHECK(score(kChoice, "so <answer>(B)</answer>", {{"answer", "B"}}).value == 1.0);
  CHECK(score(kChoice, "so \\boxed{\\text{B}}", {{"gold", "(B)"}}).value == 1.0);
  CHECK(score(kChoice, "so \\boxed{A}", {{"gold", "B"}}).value == 0.0);
  CHECK(score(kChoice, "the answer is B", {{"gold", "B"}}).value == 0.0);
  CHECK(score(kChoice, "\\boxed{B and A}", {{"gold", "B"}}).value == 0.0);
  CHECK(score(kChoice, "B", {{"gold", "B"}}, true).value == 1.0);
  CHECK(score({{"kind", "choice"}, {"column", "key"}}, "#### A", {{"key", "A"}}).value == 1.0);
}

TEST_CASE("the choice reward does not apply where the gold is no letter") {
  for (const json& columns : {json::object(), json{{"gold", "B, or C"}}, json{{"gold", 2}},
                              json{{"gold", ""}}, json(nullptr)}) {
    CHECK(!score(kChoice, "\\boxed{B}", columns).value);
  }
}

TEST_CASE("the exact reward compares texts, not numbers") {
  CHECK(score(kExact, "\\boxed{New  York}", {{"gold", "New York"}}).value == 1.0);
  CHECK(score(kExact, "\\boxed{new york}", {{"gold", "New York"}}).value == 0.0);
  CHECK(score({{"kind", "exact"}, {"fold_case", true}}, "\\boxed{new york}", {{"gold", "New York"}})
            .value == 1.0);
  CHECK(score(kExact, "\\boxed{1.0}", {{"gold", 1}}).value == 0.0);
  CHECK(score(kExact, "\\boxed{1}", {{"gold", 1}}).value == 1.0);
  CHECK(score(kExact, "\\boxed{\uff11}", {{"gold", "1"}}).value == 1.0);
  CHECK(score({{"kind", "exact"}, {"nfkc", false}}, "\\boxed{\uff11}", {{"gold", "1"}}).value ==
        0.0);
  CHECK(score(kExact, "no answer", {{"gold", "1"}}).value == 0.0);
  CHECK(!score(kExact, "\\boxed{1}", {{"gold", nullptr}}).value);
}

TEST_CASE("the exact reward may take all that follows the thought") {
  const json config = {{"kind", "exact"}, {"extract", "after_think"}};
  CHECK(score(config, "<think>x</think> a b\n<eos>", {{"gold", "a b"}}).value == 1.0);
  CHECK(score(config, "a b", {{"gold", "a b"}}).value == 1.0);
  CHECK(score(config, "so a b", {{"gold", "a b"}}).value == 0.0);
  CHECK(score(kExact, "a b", {{"gold", "a b"}}, true).value == 1.0);
}
