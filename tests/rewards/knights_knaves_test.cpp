#include "rewards/knights_knaves.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/jsonl.h"

using namespace reckon;
using namespace reckon::rewards;
using nlohmann::json;

namespace {

const std::vector<std::string> kNames = {"Amelia", "Zoey", "Ethan"};
const json kColumns = {{"names", kNames}, {"is_knight", {true, true, false}}};

/// "KKV" for two knights and a knave, or what is wrong.
std::string read(std::string_view answer, const std::vector<std::string>& names = kNames) {
  const KnightsKnavesAnswer result = read_knights_knaves(answer, names);
  if (!result.problem.empty()) return result.problem;
  std::string text;
  for (const Islander& person : result.people) text += person.is_knight ? 'K' : 'V';
  return text;
}

RewardResult score(std::string_view answer, const json& columns = kColumns,
                   const json& options = json::object()) {
  json config = {{"kind", "knights_knaves"}};
  config.update(options);
  const std::string completion = "<think> so </think> <answer>" + std::string(answer) + "</answer>";
  return make_reward(config, "")->score({"", completion, false, columns, {}, 0, 0});
}

}  // namespace

TEST_CASE("the usual ways to write who is what are read") {
  for (const char* text :
       {"(1) Amelia is a knight\n(2) Zoey is a knight\n(3) Ethan is a knave",
        "(3) Ethan is a knave (2) Zoey is a knight (1) Amelia is a knight",
        "Amelia: knight, Zoey: Knight, Ethan: KNAVE",
        "amelia and zoey are knights; ethan is a knave",
        "**Amelia** is a **knight**, **Zoey** is a **knight**, and **Ethan** is a **knave**.",
        "\\text{Amelia is a knight}, \\text{Zoey is a knight}, \\text{Ethan is a knave}",
        "Amelia -> knight | Zoey -> knight | Ethan -> knave",
        "Amelia is a knight, so Zoey is a knight while Ethan is the knave"}) {
    CHECK(read(text) == "KKV");
  }
}

TEST_CASE("an answer that leaves out, repeats or contradicts cannot be read") {
  CHECK(read("") == "says nothing of Amelia");
  CHECK(read("Amelia is a knight, Zoey is a knight") == "says nothing of Ethan");
  CHECK(read("Amelia is a knight, Zoey is a knight, Ethan") == "says nothing of Ethan");
  CHECK(read("Amelia is a knight, Amelia is a knave, Zoey is a knight, Ethan is a knave") ==
        "names Amelia twice");
  CHECK(read("Amelia is a knight, Zoey is a knight, Ethan is a knave, Ethan is a knave") ==
        "names Ethan twice");
  CHECK(read("Amelia is a knight knave, Zoey is a knight, Ethan is a knave") ==
        "a knave without a name");
  CHECK(read("Amelia is a knight/knave") == "unknown word knight/knave");
}

TEST_CASE("words and signs that could turn what is said are not passed over") {
  for (const char* said :
       {"Amelia is not a knight", "Amelia isn't a knight", "Amelia is a knight or a knave",
        "maybe Amelia is a knight", "Amelia is a non-knight", "Amelia != knight",
        "Amelia \u2260 knight", "Amelia is a ~~knight~~", "Amelia is a \u00acknight",
        "Amelia is a knight? no", "Am\u0435lia is a knight", "Amelia is a kn\xffight",
        "Amelia is a k\u0336night"}) {
    const std::string text = std::string(said) + ", Zoey is a knight, Ethan is a knave";
    CHECK(read(text).find("unknown word") == 0);
  }
}

TEST_CASE("names may have several words, accents, or the look of an article") {
  CHECK(read("Anna Maria is a knight, Anna is a knave", {"Anna", "Anna Maria"}) == "VK");
  CHECK(read("A is a knight and B is a knave", {"A", "B"}) == "KV");
  CHECK(read("Ren\u00e9 is a knave", {"Rene\u0301"}) == "V");
}

TEST_CASE("only a whole right answer is paid, unless shares are asked for") {
  const char* right = "(1) Amelia is a knight (2) Zoey is a knight (3) Ethan is a knave";
  const char* one_wrong = "(1) Amelia is a knight (2) Zoey is a knave (3) Ethan is a knave";
  CHECK(score(right).value == 1.0);
  CHECK(score(right).extracted == "Amelia knight, Zoey knight, Ethan knave");
  CHECK(score(right).gold == score(right).extracted);
  CHECK(score(one_wrong).value == 0.0);
  CHECK(score(one_wrong).reason == "2 of 3 people are right");
  const json partial = {{"partial", true}};
  CHECK(score(one_wrong, kColumns, partial).value == doctest::Approx(2.0 / 3));
  CHECK(score("Amelia is a knight", kColumns, partial).value == 0.0);
}

TEST_CASE("the form of the completion counts, but not of a bare answer") {
  const auto reward = make_reward({{"kind", "knights_knaves"}}, "");
  const std::string_view text = "Amelia and Zoey are knights, Ethan is a knave";
  CHECK(reward->score({"", text, false, kColumns, {}, 0, 0}).value == 0.0);
  RewardInput bare{"", text, false, kColumns, {}, 0, 0};
  bare.bare_answer = true;
  CHECK(reward->score(bare).value == 1.0);
}

TEST_CASE("the truth may stand in a text, and gives no value where it cannot be read") {
  const char* right = "Amelia is a knight, Zoey is a knave";
  CHECK(score(right, {{"gold", "(1) Amelia is a knight\n(2) Zoey is a knave"}}).value == 1.0);
  CHECK(score(right, {{"answer", "(1) Amelia is a knave\n(2) Zoey is a knave"}}).value == 0.0);
  for (const json& columns :
       {json::object(), json{{"gold", "nobody knows"}}, json{{"gold", "is a knight"}},
        json{{"gold", 5}}, json(nullptr), json{{"names", {"A"}}, {"is_knight", {true, false}}},
        json{{"names", {"A", "a"}}, {"is_knight", {true, false}}},
        json{{"names", {"A", 5}}, {"is_knight", {true, false}}},
        json{{"names", {"A", "."}}, {"is_knight", {true, false}}},
        json{{"names", {"A"}}, {"is_knight", {1}}},
        json{{"names", json::array()}, {"is_knight", json::array()}}}) {
    CHECK(!score(right, columns).value);
  }
}

TEST_CASE("hostile answers of a million bytes are read") {
  std::string names;
  for (int i = 0; i < 150'000; ++i) names += "Amelia ";
  CHECK(read(names) == "names Amelia twice");
  std::string fill;
  for (int i = 0; i < 300'000; ++i) fill += "is ";
  CHECK(read(fill) == "says nothing of Amelia");
  CHECK(read(std::string(1'000'000, '\xff')).find("unknown word") == 0);
}

TEST_CASE("every puzzle of the data set pays its own answer and not that of a liar") {
  const std::filesystem::path file = "../shared/data/knights_knaves/test.jsonl";
  if (!std::filesystem::exists(file)) {
    MESSAGE("skipped: no ", file.string());
    return;
  }
  int rows = 0;
  for_each_jsonl(file, [&](const json& row, uint64_t) {
    ++rows;
    const auto& answer = row.at("answer").get_ref<const std::string&>();
    REQUIRE(score(answer, row).value == 1.0);
    json text_only = {{"gold", answer}};
    REQUIRE(score(answer, text_only).value == 1.0);
    json turned = row;
    for (auto& role : turned["is_knight"]) role = !role.get<bool>();
    REQUIRE(score(answer, turned).value == 0.0);
  });
  CHECK(rows == 500);
}
