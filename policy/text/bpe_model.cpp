#include "policy/text/bpe_model.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <queue>
#include <tuple>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "policy/text/byte_alphabet.h"
#include "policy/text/tokenizer_files.h"

namespace reckon::policy {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<std::int32_t>;

// Up to this many tokens a search through all pairs is faster than a queue.
constexpr std::size_t kShortWord = 64;

void require_absent(const Json& model, const char* key, const std::string& place) {
  const auto found = model.find(key);
  if (found == model.end() || found->is_null()) return;
  const bool nothing = (found->is_boolean() && !found->get<bool>()) ||
                       (found->is_string() && found->get_ref<const std::string&>().empty()) ||
                       (found->is_number() && found->get<double>() == 0);
  check(nothing, ErrorCode::unsupported, "expected no `{}`, got {}, in {}", key,
        json_summary(*found), place);
}

// The two tokens of a merge, written as one text with a space or as a list.
std::pair<std::string, std::string> read_pair(const Json& merge, const std::string& place,
                                              std::size_t index) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
    return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  }
  if (merge.is_string()) {
    const std::string& text = merge.get_ref<const std::string&>();
    const std::size_t space = text.find(' ');
    if (space != std::string::npos && text.find(' ', space + 1) == std::string::npos) {
      return {text.substr(0, space), text.substr(space + 1)};
    }
  }
  fail(ErrorCode::corrupt, "expected two tokens, got {}, in {}/merges/{}", json_summary(merge),
       place, index);
}

void merge_short(const MergeTable& merges, Ids& word) {
  constexpr std::int32_t kNone = std::numeric_limits<std::int32_t>::max();
  std::array<Merge, kShortWord> next;  // of the token at this place with the one after it
  const auto look_up = [&](std::size_t i) {
    const Merge* merge = i + 1 < word.size() ? merges.find(word[i], word[i + 1]) : nullptr;
    next[i] = merge != nullptr ? *merge : Merge{.rank = kNone, .id = 0};
  };
  for (std::size_t i = 0; i < word.size(); ++i) look_up(i);
  while (word.size() > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < word.size(); ++i) {
      if (next[i].rank < next[best].rank) best = i;
    }
    if (next[best].rank == kNone) return;
    word[best] = next[best].id;
    word.erase(word.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    std::copy(next.begin() + best + 2, next.begin() + word.size() + 1, next.begin() + best + 1);
    look_up(best);
    if (best > 0) look_up(best - 1);
  }
}

// A pair that could be merged when it was found; by then one of its tokens may have changed.
struct Candidate {
  Merge merge;
  std::size_t at = 0;
  std::int32_t left = 0;
  std::int32_t right = 0;

  bool operator>(const Candidate& other) const {
    return std::tie(merge.rank, at) > std::tie(other.merge.rank, other.at);
  }
};

// The tokens of a long word as a linked list over their first places.
class LongWord {
 public:
  LongWord(const MergeTable& merges, Ids& word) : merges_(merges), word_(word) {
    for (std::size_t i = 0; i < word.size(); ++i) {
      next_.push_back(i + 1);
      previous_.push_back(i - 1);
    }
  }

  void merge() {
    for (std::size_t i = 0; i < word_.size(); ++i) look_up(i);
    while (!queue_.empty()) {
      const Candidate best = queue_.top();
      queue_.pop();
      const std::size_t right = next_[best.at];
      if (right >= word_.size() || word_[best.at] != best.left || word_[right] != best.right) {
        continue;
      }
      word_[best.at] = best.merge.id;
      word_[right] = kGone;
      next_[best.at] = next_[right];
      if (next_[right] < word_.size()) previous_[next_[right]] = best.at;
      look_up(best.at);
      if (previous_[best.at] < word_.size()) look_up(previous_[best.at]);
    }
    std::erase(word_, kGone);
  }

 private:
  static constexpr std::int32_t kGone = -1;

  void look_up(std::size_t at) {
    const std::size_t right = next_[at];
    if (right >= word_.size()) return;
    const Merge* merge = merges_.find(word_[at], word_[right]);
    if (merge != nullptr) queue_.push({*merge, at, word_[at], word_[right]});
  }

  const MergeTable& merges_;
  Ids& word_;
  std::vector<std::size_t> next_;
  std::vector<std::size_t> previous_;
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue_;
};

}  // namespace

BpeModel::BpeModel(const Vocabulary& vocabulary, std::size_t merges) : merges_(merges) {
  for (std::size_t byte = 0; byte < byte_ids_.size(); ++byte) {
    byte_ids_[byte] =
        vocabulary.find(byte_character(static_cast<unsigned char>(byte))).value_or(-1);
  }
}

void BpeModel::add_merge(const std::string& left, const std::string& right, std::size_t rank,
                         const Vocabulary& vocabulary, const std::string& place) {
  const auto id_of = [&](const std::string& token) {
    const std::optional<std::int32_t> id = vocabulary.find(token);
    if (!id) {
      fail(ErrorCode::corrupt,
           "expected merges of tokens in the vocabulary, got {}, which is none, in {}/merges/{}",
           quote_text(token), place, rank);
    }
    return *id;
  };
  const Merge merge = {.rank = static_cast<std::int32_t>(rank), .id = id_of(left + right)};
  merges_.set(id_of(left), id_of(right), merge);
}

BpeModel BpeModel::read(const Json& model, const std::string& place, const Vocabulary& vocabulary) {
  for (const char* key :
       {"byte_fallback", "dropout", "continuing_subword_prefix", "end_of_word_suffix"}) {
    require_absent(model, key, place);
  }
  const Json& merges = list_member(model, "merges", place);
  check(merges.size() < std::size_t{1} << 24, ErrorCode::corrupt,
        "expected fewer than 2^24 merges, got {}, in {}", merges.size(), place);
  BpeModel result(vocabulary, merges.size());
  // Unknown characters do not exist where every byte has a token.
  const auto& ids = result.byte_ids_;
  if (std::find(ids.begin(), ids.end(), -1) != ids.end()) require_absent(model, "unk_token", place);
  for (std::size_t i = 0; i < merges.size(); ++i) {
    const auto [left, right] = read_pair(merges[i], place, i);
    result.add_merge(left, right, i, vocabulary, place);
  }
  if (bool_member(model, "ignore_merges", false, place)) {
    for (const auto& [token, id] : object_member(model, "vocab", place).items()) {
      if (auto bytes = spelled_bytes(token)) {
        result.whole_words_.emplace(std::move(*bytes), id.get<std::int32_t>());
      }
    }
  }
  return result;
}

void BpeModel::encode(std::string_view word, Ids& ids) const {
  if (!whole_words_.empty()) {
    const auto whole = whole_words_.find(word);
    if (whole != whole_words_.end()) {
      ids.push_back(whole->second);
      return;
    }
  }
  Ids tokens;
  tokens.reserve(word.size());
  for (const char c : word) {
    const std::int32_t id = byte_ids_[static_cast<unsigned char>(c)];
    if (id >= 0) tokens.push_back(id);
  }
  if (tokens.size() <= kShortWord) {
    merge_short(merges_, tokens);
  } else {
    LongWord(merges_, tokens).merge();
  }
  ids.insert(ids.end(), tokens.begin(), tokens.end());
}

}  // namespace reckon::policy
