#include "tasks/instructed_corpus.h"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/error.h"
#include "rewards/reward.h"
#include "tasks/countdown_corpus.h"
#include "tasks/instructed_words.h"
#include "tasks/list_corpus.h"

using namespace reckon;
using namespace reckon::tasks;
using nlohmann::json;

namespace {

std::unique_ptr<Corpus> make(const json& config = {{"kind", "instructed-traces"}},
                             uint64_t seed = 7, uint32_t stage = 0) {
  return make_corpus(config, {"/stages/0/corpus", "tiny.json", seed, stage});
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

bool is_list(const std::vector<std::string>& prompt) {
  return prompt.at(2) == "<sort>" || prompt.at(2) == "<rev>";
}

CountdownProblem problem_of(const std::vector<std::string>& prompt) {
  return {{std::stoi(prompt.at(3)), std::stoi(prompt.at(4)), std::stoi(prompt.at(5))},
          std::stoi(prompt.at(7))};
}

NumberList list_of(const std::vector<std::string>& words, size_t begin) {
  NumberList list;
  for (size_t i = 0; i < list.size(); ++i) list[i] = std::stoi(words.at(begin + i));
  return list;
}

/// How many words of a text are English and how many Korean.
std::array<int, 2> count_trace_words(const std::vector<std::string>& words) {
  std::array<int, 2> counts{};
  for (const std::string& word : words) {
    for (const TraceWord& pair : trace_words()) {
      counts[0] += word == pair.english ? 1 : 0;
      counts[1] += word == pair.korean ? 1 : 0;
    }
  }
  return counts;
}

}  // namespace

TEST_CASE("the vocabulary is that of Countdown and eleven words more") {
  const std::vector<std::string> words = instructed_vocabulary();
  const std::vector<std::string> base = countdown_vocabulary();
  REQUIRE(words.size() == 181);
  CHECK(std::set(words.begin(), words.end()).size() == 181);
  CHECK(std::equal(base.begin(), base.end(), words.begin()));
  CHECK(words[170] == "<en>");
  CHECK(words[175] == "<rev>");
  CHECK(words[176] == "잠깐");
  CHECK(words[180] == "초과");
  std::vector<int32_t> ids(words.size());
  std::string text;
  for (size_t i = 0; i < ids.size(); ++i) {
    ids[i] = static_cast<int32_t>(i);
    text += (i == 0 ? "" : " ") + words[i];
  }
  CHECK(instructed_text(ids) == text);
  CHECK_THROWS_AS(instructed_text(std::vector<int32_t>{181}), Error);
  CHECK(make()->vocabulary() == words);
}

TEST_CASE("the example of a mixed search with two equations is written and read") {
  const CountdownProblem problem{{8, 11, 7}, 10};
  const CountdownTrace trace{9, {0, 0}, 50, CountdownForm::steps};
  int word = 0;
  const auto korean = [&] { return word++ % 2 == 1; };
  const std::string text =
      instructed_text(translated_trace(countdown_trace_ids(problem, trace), korean));
  CHECK(text ==
        "<think> 8 + 11 = 19 19 + 7 = 26 high 19 - 7 = 12 크다 19 * 7 = big 크다 "
        "wait 11 - 8 = 3 3 + 7 = 10 맞다 </think> <answer> 11 - 8 = 3 3 + 7 = 10 </answer> <eos>");
  CHECK(instructed_text(
            instructed_prompt_ids(problem, {UserLanguage::korean, CountdownForm::expression})) ==
        "<bos> <ko> <expr> 8 11 7 target 10");
}

TEST_CASE("every document is right in either form, of the pretraining split, and well traced") {
  const auto corpus = make();
  const auto reward = rewards::make_reward({{"kind", "countdown"}, {"forms", {"expr", "steps"}}},
                                           "/rewards/0", "tiny.json");
  int lists = 0;
  for (uint64_t n = 0; n < 20'000; ++n) {
    const Document document = corpus->at(n);
    const auto prompt = words_of(document.prompt);
    REQUIRE(prompt.size() == 8);
    if (is_list(prompt)) {
      ++lists;
      REQUIRE(list_split(list_of(prompt, 3)) == CountdownSplit::pretraining);
      continue;
    }
    const CountdownProblem problem = problem_of(prompt);
    REQUIRE(countdown_split(problem) == CountdownSplit::pretraining);
    const json columns = {{"numbers", problem.numbers}, {"target", problem.target}};
    const auto result =
        reward->score({document.prompt, document.completion, false, columns, {}, 0, 0});
    REQUIRE_MESSAGE(result.value == 1.0, document.completion, ": ", result.reason);
    const TraceReport report = read_trace(document.completion, problem.numbers, problem.target);
    REQUIRE(!report.false_yes);
    REQUIRE(report.branches == report.waits + (report.mode == TraceReport::direct ? 0 : 1));
  }
  CHECK(lists / 20'000.0 == doctest::Approx(.1).epsilon(.05));
}

TEST_CASE("language and form follow the prompt as weakly as the table says") {
  const auto corpus = make();
  struct Counts {
    double all = 0;
    double english = 0;
    double korean = 0;
  };
  std::map<std::string, Counts> by_language;
  double english_words = 0;
  double korean_words = 0;
  double tokens = 0;
  double countdown = 0;
  double obeyed = 0;
  for (uint64_t n = 0; n < 100'000; ++n) {
    const Document document = corpus->at(n);
    const auto prompt = words_of(document.prompt);
    if (is_list(prompt)) continue;
    const auto words = words_of(document.completion);
    ++countdown;
    tokens += static_cast<double>(prompt.size() + words.size());
    const bool steps =
        document.completion.find("= ", document.completion.find("<answer>")) != std::string::npos;
    obeyed += steps == (prompt[2] == "<steps>") ? 1 : 0;
    const auto [english, korean] = count_trace_words(words);
    english_words += english;
    korean_words += korean;
    // Of longer searches hardly a mixed one is of one language by chance.
    if (english + korean < 12) continue;
    Counts& counts = by_language[prompt[1]];
    ++counts.all;
    counts.english += korean == 0 ? 1 : 0;
    counts.korean += english == 0 ? 1 : 0;
  }
  CHECK(by_language["<en>"].english / by_language["<en>"].all == doctest::Approx(.50).epsilon(.05));
  CHECK(by_language["<en>"].korean / by_language["<en>"].all == doctest::Approx(.15).epsilon(.1));
  CHECK(by_language["<ko>"].english / by_language["<ko>"].all == doctest::Approx(.40).epsilon(.06));
  CHECK(by_language["<ko>"].korean / by_language["<ko>"].all == doctest::Approx(.25).epsilon(.08));
  CHECK(english_words / (english_words + korean_words) == doctest::Approx(.66).epsilon(.02));
  CHECK(obeyed / countdown == doctest::Approx(.6).epsilon(.02));
  CHECK(tokens / countdown == doctest::Approx(38).epsilon(.04));
}

TEST_CASE("the shares of the corpus are options") {
  const auto corpus = make({{"kind", "instructed-traces"},
                            {"list_fraction", 0},
                            {"form_obeyed", 1},
                            {"english_prompt_weights", {1, 0, 0}},
                            {"korean_prompt_weights", {0, 1, 0}}});
  for (uint64_t n = 0; n < 2000; ++n) {
    const Document document = corpus->at(n);
    const auto prompt = words_of(document.prompt);
    REQUIRE(!is_list(prompt));
    const auto [english, korean] = count_trace_words(words_of(document.completion));
    REQUIRE((prompt[1] == "<en>" ? korean : english) == 0);
    const bool steps =
        document.completion.find("= ", document.completion.find("<answer>")) != std::string::npos;
    REQUIRE(steps == (prompt[2] == "<steps>"));
  }
  const auto refused = [](const char* key, const json& value) {
    CHECK_THROWS_WITH_AS(make({{"kind", "instructed-traces"}, {key, value}}),
                         doctest::Contains(key), Error);
  };
  refused("english_prompt_weights", {1, 2});
  refused("korean_prompt_weights", {1, -2, 3});
  refused("patience_weights", {1});
  refused("list_fraction", 1.5);
}

TEST_CASE("list documents are right as often as asked, and wrong by the other operation") {
  for (const double share : {1.0, 0.6}) {
    const auto corpus = make({{"kind", "instructed-lists"}, {"operation_obeyed", share}});
    double obeyed = 0;
    for (uint64_t n = 0; n < 10'000; ++n) {
      const Document document = corpus->at(n);
      const auto prompt = words_of(document.prompt);
      const auto words = words_of(document.completion);
      REQUIRE(words.size() == 10);
      const NumberList list = list_of(prompt, 3);
      const NumberList answer = list_of(words, 3);
      REQUIRE(list_split(list) == CountdownSplit::rl);
      const auto asked = prompt[2] == "<sort>" ? ListOperation::sort : ListOperation::reverse;
      const auto other = prompt[2] == "<sort>" ? ListOperation::reverse : ListOperation::sort;
      REQUIRE((answer == operated(list, asked) || answer == operated(list, other)));
      obeyed += answer == operated(list, asked) ? 1 : 0;
    }
    CHECK(obeyed / 10'000 == doctest::Approx(share).epsilon(.03));
  }
  const auto pretraining = make({{"kind", "instructed-lists"}, {"split", "pretraining"}});
  CHECK(list_split(list_of(words_of(pretraining->at(0).prompt), 3)) == CountdownSplit::pretraining);
  CHECK_THROWS_AS(make({{"kind", "instructed-lists"}, {"split", "held_out"}}), Error);
}

TEST_CASE("the longest correct completion has 224 tokens") {
  size_t longest = 0;
  for (const CountdownProblem& problem : CountdownSpace({}).problems()) {
    for (const CountdownForm form : {CountdownForm::expression, CountdownForm::steps}) {
      const CountdownTrace trace{9, {0, 0}, 50, form};
      longest = std::max(longest, countdown_trace_ids(problem, trace).size());
    }
  }
  CHECK(longest == 224);
}

TEST_CASE("an instructed document is a function of seed, stage and number, in text and ids") {
  for (const char* kind : {"instructed-traces", "instructed-lists"}) {
    const auto corpus = make({{"kind", kind}});
    const std::vector<std::string> words = corpus->vocabulary();
    CHECK(!corpus->size());
    int equal = 0;
    for (uint64_t n : {0ULL, 12ULL, 5'000'000'000ULL}) {
      const Document document = corpus->at(n);
      CHECK(make({{"kind", kind}})->at(n).completion == document.completion);
      const DocumentIds ids = corpus->ids_at(n);
      std::string text;
      for (const int32_t id : ids.completion) {
        text += (text.empty() ? "" : " ") + words.at(static_cast<size_t>(id));
      }
      CHECK(text == document.completion);
      equal += document.prompt == make({{"kind", kind}}, 8)->at(n).prompt ? 1 : 0;
      equal += document.prompt == make({{"kind", kind}}, 7, 1)->at(n).prompt ? 1 : 0;
    }
    CHECK(equal < 3);
  }
}
