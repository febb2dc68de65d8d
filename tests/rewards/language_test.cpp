#include "rewards/language.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "rewards/thought.h"
#include "tests/rewards/language_sentences.h"

using namespace reckon;
using namespace reckon::rewards;
using nlohmann::json;

namespace {

double share(std::string_view text, std::string_view code) {
  static const LanguageWords words;
  const Language* language = find_language(code);
  REQUIRE(language != nullptr);
  const LanguageShare found = count_language(text, *language, words);
  return found.all == 0 ? -1.0 : static_cast<double>(found.own) / static_cast<double>(found.all);
}

RewardResult score(const json& options, std::string_view completion,
                   const json& columns = json::object()) {
  json config = {{"kind", "language"}};
  config.update(options);
  return make_reward(config, "/rewards/0", "r.json")
      ->score({"", completion, false, columns, {}, 0, 0});
}

const json kEnglish = {{"language", "en"}};

}  // namespace

TEST_CASE("sentences count for their own language") {
  int all = 0;
  int right = 0;
  for (const auto& [code, sentences] : kLanguageSentences) {
    for (const std::string_view sentence : sentences) {
      ++all;
      right += share(sentence, code) >= .9 ? 1 : 0;
    }
  }
  // Not seen: one sentence in Swedish, where German shares more letters than Swedish has words.
  MESSAGE(right, " of ", all, " sentences are seen as their own language");
  CHECK(right >= 129);
  CHECK(all == 130);
}

TEST_CASE("sentences do not count for other languages") {
  int same_script = 0;
  int same_script_refused = 0;
  for (const auto& [code, sentences] : kLanguageSentences) {
    for (const auto& other : kLanguageSentences) {
      if (other.code == code) continue;
      const Script script = find_language(code)->scripts.front();
      const bool same = find_language(other.code)->scripts.front() == script;
      for (const std::string_view sentence : sentences) {
        const bool refused = share(sentence, other.code) <= .2;
        if (!same) CHECK(refused);
        same_script += same ? 1 : 0;
        same_script_refused += same && refused ? 1 : 0;
      }
    }
  }
  // The others are short sentences with at most one frequent word: in doubt they count.
  MESSAGE(same_script_refused, " of ", same_script, " refused where the script is the same");
  CHECK(same_script_refused >= same_script * 93 / 100);
}

TEST_CASE("words of another script do not count, nor do mixed letters") {
  CHECK(share("wait this is wrong \uc7a0\uae50", "en") == doctest::Approx(.8));
  CHECK(share("wait this is wrong \uc7a0\uae50", "ko") == doctest::Approx(.2));
  // Cyrillic letters inside and instead of Latin ones.
  CHECK(share("this is wr\u043eng", "en") == doctest::Approx(2.0 / 3));
  CHECK(share("\u0441\u043e\u0440\u0435", "en") == 0.0);
  // A particle of Korean stands behind a name without a blank.
  CHECK(share("Python\uc740 \uc5b8\uc5b4", "ko") == doctest::Approx(2.0 / 3));
}

TEST_CASE("scripts without blanks count words by their characters") {
  // Five characters of Han are three words.
  CHECK(share("\u706b\u8f66\u79bb\u5f00\u7ad9 is late now", "zh") == doctest::Approx(.5));
  // Four kana and two of Han: two words and one.
  CHECK(share("\u3072\u3089\u304c\u306a\u6f22\u5b57", "ja") == 1.0);
  CHECK(share("\u3072\u3089\u304c\u306a\u6f22\u5b57", "zh") == 0.0);
  CHECK(share("\u6f22\u5b57", "ja") == 1.0);
}

TEST_CASE("a language without its own list of words is told by its script") {
  CHECK(share("t\u00e4m\u00e4 on suomea", "fi") == 1.0);
  CHECK(share("\u044d\u0442\u043e \u043d\u0435 \u0442\u043e", "fi") == 0.0);
}

TEST_CASE("a long sentence without any word of the language is another one") {
  const char* finnish = "kokeilen toista tapaa jotta saisin varmasti oikean tuloksen loppuun asti";
  CHECK(share(finnish, "en") == 0.0);
  CHECK(share("Alice Bob Carol Dave", "en") == 1.0);
}

TEST_CASE("the thought is found with and without its tags") {
  CHECK(thought_of("a <think> b </think> c", false) == " b ");
  CHECK(thought_of("a <think> b", false) == " b");
  CHECK(thought_of("b </think> c", false) == "b ");
  CHECK(thought_of("b", true) == "b");
  CHECK(thought_of("b", false) == "");
  CHECK(thought_of("<think> a </think> b </think> c", false) == " a </think> b ");
  CHECK(thought_of("a </think> b <think> c", true) == "a ");
  CHECK(thought_of("", true) == "");
}

TEST_CASE("the reward is the share of words in the thought, or in all") {
  const char* text = "<think> so this is \u043d\u0435\u0442 </think> \u0434\u0430 \u0434\u0430";
  CHECK(score(kEnglish, text).value == doctest::Approx(.75));
  CHECK(score({{"language", "en"}, {"region", "all"}}, text).value == doctest::Approx(.5));
  CHECK(score(kEnglish, text).extracted == "3 of 4 words");
  CHECK(score(kEnglish, text).gold == "en");
  CHECK(score({{"language", "en"}, {"threshold", .75}}, text).value == 1.0);
  CHECK(score({{"language", "en"}, {"threshold", .76}}, text).value == 0.0);
  CHECK(score({{"language", "en"}, {"think_prefilled", true}}, "so this").value == 1.0);
}

TEST_CASE("a thought without words is worth nothing, or has no value if so asked") {
  for (const char* text : {"", "<think></think> yes", "<think> 3 + 4 = $x$ </think>", "so this"}) {
    CHECK(score(kEnglish, text).value == 0.0);
    CHECK(!score({{"language", "en"}, {"no_words", "none"}}, text).value);
  }
}

TEST_CASE("the language may stand in a column, as a code or a name") {
  const char* text = "<think> \uc7a0\uae50 \ub9de\ub2e4 </think>";
  for (const char* name : {"ko", "ko-KR", "KO_kr", "Korean", "korean"}) {
    CHECK(score(json::object(), text, {{"language", name}}).value == 1.0);
  }
  CHECK(score(json::object(), text, {{"language", "en"}}).value == 0.0);
  CHECK(score({{"language_column", "lang"}}, text, {{"lang", "ko"}}).value == 1.0);
  for (const json& columns : {json::object(), json{{"language", 5}}, json{{"language", "xx"}},
                              json{{"language", ""}}, json(nullptr)}) {
    CHECK(!score(json::object(), text, columns).value);
  }
}

TEST_CASE("an unknown language in the options is refused") {
  try {
    score({{"language", "tlh"}}, "");
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("got \"tlh\", in r.json /rewards/0/language") !=
          std::string::npos);
  }
}

TEST_CASE("hostile texts of a million bytes are counted") {
  for (const char* piece : {"\xff", "`a` ", "`", "$", "$a", "$ $", "<", "<a", "\\", "\\(", "```",
                            "\u0301", "a\u0430", "\u4e2d", "http://", "\\begin{", "a", "a. "}) {
    std::string text = "<think>";
    while (text.size() < 1'000'000) text += piece;
    const auto value = score(kEnglish, text).value;
    REQUIRE(value);
    CHECK((*value >= 0.0 && *value <= 1.0));
  }
}
