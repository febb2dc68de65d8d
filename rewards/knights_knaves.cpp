#include "rewards/knights_knaves.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/utf8.h"
#include "rewards/answer.h"
#include "rewards/folded_text.h"

namespace reckon::rewards {

namespace {

/// Words that join names and roles without changing what is said. A name may be one of them; it
/// then counts as a name only where it has the name's capitals.
constexpr std::array<std::string_view, 19> kJoining = {
    "is",  "are",  "a",    "an",        "the",  "and",    "while", "but",     "both", "so",
    "all", "also", "thus", "therefore", "text", "textbf", "begin", "newline", "end"};

bool is_joining(std::string_view folded) {
  return std::ranges::find(kJoining, folded) != kJoining.end();
}

/// Signs that set names and roles apart. Others could turn what is said, as in "Zoey != knight" and
/// "~knight".
constexpr std::u32string_view kSigns =
    U"()[]{}.,;:-*_#$\\=&|>+\"'`\u2013\u2014\u2018\u2019\u201C\u201D\u2022\u2192\uFF1A\uFF0C"
    U"\u3001\u3002";

/// Whether a character is no letter and may stand between words.
bool may_separate(char32_t character) {
  const bool digit = character >= U'0' && character <= U'9';
  return digit || is_white_space(character) || kSigns.find(character) != kSigns.npos;
}

/// A word as it stands, and without capitals.
struct Word {
  std::string text;
  std::string folded;
};

/// The runs of what is no separator: words of letters, and signs that nobody knows.
std::vector<Word> split_words(std::string_view text) {
  std::vector<Word> words;
  size_t begin = 0;
  size_t end = 0;  // of the word that is open; begin == end: none
  const auto close = [&] {
    if (begin < end) {
      const std::string word = folded_text(text.substr(begin, end - begin), {});
      words.push_back({word, folded_text(word, {true, true})});
    }
    begin = end;
  };
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    if (!step.valid || !may_separate(step.character)) {
      if (begin == end) begin = at;
      end = at + step.size;
    } else {
      close();
      begin = end = at + step.size;
    }
    at += step.size;
  }
  close();
  return words;
}

std::string_view role_name(bool is_knight) { return is_knight ? "knight" : "knave"; }

std::optional<bool> read_role(std::string_view folded) {
  if (folded == "knight" || folded == "knights") return true;
  if (folded == "knave" || folded == "knaves") return false;
  return std::nullopt;
}

/// The names of a puzzle, to be found in a row of words.
class NameFinder {
 public:
  explicit NameFinder(const std::vector<std::string>& names) {
    for (size_t i = 0; i < names.size(); ++i) {
      std::vector<Word> words = split_words(names[i]);
      if (!words.empty()) by_first_[words.front().folded].push_back({i, std::move(words)});
    }
  }

  /// Index and number of words of the longest name that begins at word `at`.
  std::optional<std::pair<size_t, size_t>> find(const std::vector<Word>& words, size_t at) const {
    std::optional<std::pair<size_t, size_t>> best;
    const auto found = by_first_.find(words[at].folded);
    if (found == by_first_.end()) return best;
    for (const auto& [index, name] : found->second) {
      if (name.size() > words.size() - at || (best && best->second >= name.size())) continue;
      const bool equal = std::equal(name.begin(), name.end(), words.begin() + std::ptrdiff_t(at),
                                    [](const Word& a, const Word& b) {
                                      const bool exact = is_joining(a.folded);
                                      return exact ? a.text == b.text : a.folded == b.folded;
                                    });
      if (equal) best = {index, name.size()};
    }
    return best;
  }

 private:
  struct Name {
    size_t index;
    std::vector<Word> words;
  };
  std::map<std::string, std::vector<Name>> by_first_;
};

/// A gold text: lines such as `(1) Amelia is a knight`.
std::vector<Islander> read_gold_text(std::string_view text) {
  std::vector<Islander> people;
  std::string name;
  for (const Word& word : split_words(text)) {
    if (const auto role = read_role(word.folded)) {
      if (name.empty()) return {};
      people.push_back({name, *role});
      name.clear();
    } else if (!is_joining(word.text)) {
      name += (name.empty() ? "" : " ") + word.text;
    }
  }
  return name.empty() ? people : std::vector<Islander>{};
}

/// The people of a row, in order; empty if they cannot be read.
std::vector<Islander> read_gold_people(const nlohmann::json& columns) {
  if (!columns.is_object()) return {};
  const auto names = columns.find("names");
  const auto roles = columns.find("is_knight");
  if (names == columns.end() || roles == columns.end()) {
    const nlohmann::json* gold = find_gold(columns, "");
    if (gold == nullptr || !gold->is_string()) return {};
    return read_gold_text(gold->get_ref<const std::string&>());
  }
  if (!names->is_array() || !roles->is_array() || names->size() != roles->size()) return {};
  std::vector<Islander> people;
  for (size_t i = 0; i < names->size(); ++i) {
    const nlohmann::json& name = (*names)[i];
    const nlohmann::json& role = (*roles)[i];
    if (!name.is_string() || !role.is_boolean()) return {};
    people.push_back({name.get<std::string>(), role.get<bool>()});
  }
  return people;
}

/// The same, or empty too if a name is no word or stands twice.
std::vector<Islander> read_gold(const nlohmann::json& columns) {
  std::vector<Islander> people = read_gold_people(columns);
  std::set<std::string> seen;
  for (const Islander& person : people) {
    if (split_words(person.name).empty()) return {};
    if (!seen.insert(folded_text(person.name, {true, true})).second) return {};
  }
  return people;
}

std::string to_text(const std::vector<Islander>& people) {
  std::string text;
  for (const Islander& person : people) {
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ", person.name, role_name(person.is_knight));
  }
  return text;
}

}  // namespace

KnightsKnavesAnswer read_knights_knaves(std::string_view answer,
                                        const std::vector<std::string>& names) {
  const NameFinder finder(names);
  const std::vector<Word> words = split_words(answer);
  const auto broken = [](std::string problem) {
    return KnightsKnavesAnswer{{}, std::move(problem)};
  };
  std::vector<std::optional<bool>> roles(names.size());
  std::vector<size_t> waiting;  // names whose role is still to come
  std::vector<bool> seen(names.size());
  for (size_t at = 0; at < words.size(); ++at) {
    if (const auto name = finder.find(words, at)) {
      const auto [index, size] = *name;
      if (seen[index]) return broken(fmt::format("names {} twice", names[index]));
      seen[index] = true;
      waiting.push_back(index);
      at += size - 1;
    } else if (const auto role = read_role(words[at].folded)) {
      if (waiting.empty()) return broken(fmt::format("a {} without a name", role_name(*role)));
      for (const size_t index : waiting) roles[index] = *role;
      waiting.clear();
    } else if (!is_joining(words[at].folded)) {
      return broken(fmt::format("unknown word {}", words[at].text.substr(0, 40)));
    }
  }
  KnightsKnavesAnswer result;
  for (size_t i = 0; i < names.size(); ++i) {
    if (!roles[i]) return broken(fmt::format("says nothing of {}", names[i]));
    result.people.push_back({names[i], *roles[i]});
  }
  return result;
}

KnightsKnavesReward::KnightsKnavesReward(const KnightsKnavesConfig& config)
    : Reward(config),
      rules_{true, config.strict, config.think_prefilled.value_or(false)},
      end_token_(config.end_token),
      partial_(config.partial) {}

RewardResult KnightsKnavesReward::score(const RewardInput& input) const {
  const std::vector<Islander> gold = read_gold(input.columns);
  if (gold.empty()) {
    return {std::nullopt, "", "",
            "expected the people in the columns `names` and `is_knight`, or in the gold text"};
  }
  RewardResult result{0.0, "", to_text(gold), ""};
  const ThinkAnswer parts = read_think_answer(input, end_token_, rules_);
  if (!parts.valid) {
    result.reason = parts.reason;
    return result;
  }
  std::vector<std::string> names;
  for (const Islander& person : gold) names.push_back(person.name);
  const KnightsKnavesAnswer answer = read_knights_knaves(parts.answer, names);
  if (!answer.problem.empty()) {
    result.reason = answer.problem;
    return result;
  }
  size_t right = 0;
  for (size_t i = 0; i < gold.size(); ++i) right += answer.people[i] == gold[i] ? 1 : 0;
  const bool all = right == gold.size();
  const double share = static_cast<double>(right) / static_cast<double>(gold.size());
  result.extracted = to_text(answer.people);
  result.value = partial_ || all ? share : 0.0;
  result.reason = fmt::format("{} of {} people are right", right, gold.size());
  return result;
}

}  // namespace reckon::rewards
