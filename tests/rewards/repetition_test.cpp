#include "rewards/repetition.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

using namespace reckon::rewards;
using nlohmann::json;

namespace {

std::optional<double> score(const json& config, std::string_view completion) {
  const json columns = json::object();
  return make_reward(config, "")->score({"", completion, false, columns, {}, 0, 0}).value;
}

}  // namespace

TEST_CASE("the share of repeats counts n-grams that stood before") {
  CHECK(repeated_share("a b c d e", 3) == 0.0);
  // abc bca cab abc bca: two of five stood before.
  CHECK(repeated_share("a b c a b c a", 3) == doctest::Approx(.4));
  CHECK(repeated_share("a a a a a", 1) == doctest::Approx(.8));
  CHECK(repeated_share("A a\tA\n a", 1) == doctest::Approx(.75));
}

TEST_CASE("a text that is shorter than an n-gram repeats nothing") {
  CHECK(repeated_share("", 3) == 0.0);
  CHECK(repeated_share("a a", 3) == 0.0);
}

TEST_CASE("a script without blanks is compared by characters") {
  CHECK(repeated_share("\u6211\u60f3\u6211\u60f3\u6211\u60f3", 2) == doctest::Approx(.6));
  CHECK(repeated_share("a\u6211b\u6211", 1) == doctest::Approx(.25));
  CHECK(repeated_share("\ud55c\uad6d\ud55c\uad6d", 2) == 0.0);  // one word of Hangul
}

TEST_CASE("the repetition reward is a length term from 0 to its penalty") {
  const auto reward = make_reward({{"kind", "repetition"}}, "");
  CHECK(reward->is_length_term());
  CHECK(score({{"kind", "repetition"}}, "a b c a b c a") == doctest::Approx(-.4));
  CHECK(score({{"kind", "repetition"}, {"ngram_size", 1}, {"max_penalty", -5}}, "a a a a") ==
        doctest::Approx(-3.75));
  CHECK(score({{"kind", "repetition"}}, "a b c") == 0.0);
  CHECK(!std::signbit(*score({{"kind", "repetition"}}, "a b c")));
}

TEST_CASE("repeats are counted in a million bytes of anything") {
  CHECK(repeated_share(std::string(1'000'000, '\xff'), 3) == 0.0);
  std::string text;
  for (int i = 0; i < 250'000; ++i) text += "\xe4 a ";
  CHECK(repeated_share(text, 3) == doctest::Approx(1.0).epsilon(.001));
}
