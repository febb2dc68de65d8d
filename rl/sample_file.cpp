#include "rl/sample_file.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/jsonl.h"
#include "rl/grpo_metrics.h"

namespace reckon::rl {
namespace {

using nlohmann::json;

// Takes members of a JSON object apart, with messages that name the member.
class Members {
 public:
  Members(const json& object, std::string place) : object_(object), place_(std::move(place)) {
    check(object.is_object(), ErrorCode::corrupt, "expected an object, got {}, in {}",
          json_summary(object), place_);
  }

  const json& at(const char* key) const {
    const auto found = object_.find(key);
    check(found != object_.end(), ErrorCode::corrupt, "expected the member {}, got none, in {}",
          key, place_);
    return *found;
  }

  std::string text(const char* key) const {
    const json& value = at(key);
    check(value.is_string(), ErrorCode::corrupt, "expected a text, got {}, in {} {}",
          json_summary(value), place_, key);
    return value.get<std::string>();
  }

  int64_t integer(const char* key, int64_t most = std::numeric_limits<int64_t>::max()) const {
    return count(at(key), key, most);
  }

  const json& object(const char* key) const {
    const json& value = at(key);
    check(value.is_object(), ErrorCode::corrupt, "expected an object, got {}, in {} {}",
          json_summary(value), place_, key);
    return value;
  }

  std::vector<int32_t> ids(const char* key) const {
    const json& value = at(key);
    check(value.is_array(), ErrorCode::corrupt, "expected a list of ids, got {}, in {} {}",
          json_summary(value), place_, key);
    std::vector<int32_t> ids;
    ids.reserve(value.size());
    for (const json& id : value) {
      ids.push_back(static_cast<int32_t>(count(id, key, std::numeric_limits<int32_t>::max())));
    }
    return ids;
  }

  std::optional<double> number(const json& value, const std::string& key) const {
    check(value.is_number() || value.is_null(), ErrorCode::corrupt,
          "expected a number or null, got {}, in {} {}", json_summary(value), place_, key);
    return value.is_null() ? std::nullopt : std::optional(value.get<double>());
  }

  int64_t count(const json& value, const std::string& key, int64_t most) const {
    const bool whole = value.is_number_unsigned()
                           ? value.get<uint64_t>() <= static_cast<uint64_t>(most)
                           : value.is_number_integer() && value.get<int64_t>() >= 0 &&
                                 value.get<int64_t>() <= most;
    check(whole, ErrorCode::corrupt, "expected an integer of 0 to {}, got {}, in {} {}", most,
          json_summary(value), place_, key);
    return value.get<int64_t>();
  }

 private:
  const json& object_;
  std::string place_;
};

// What kept and dropped lines share.
json line_of(const ScoredGroup& group, size_t sample, const Scorer& scorer) {
  json line = completion_line("", 0, group, sample, scorer);
  for (const char* key : {"stage", "step", "advantage"}) line.erase(key);
  return line;
}

json mean_or_null(int64_t sum, int64_t count) {
  return count > 0 ? json(static_cast<double>(sum) / static_cast<double>(count)) : json();
}

}  // namespace

json kept_line(const ScoredGroup& group, size_t sample, const Scorer& scorer) {
  json line = line_of(group, sample, scorer);
  line["prompt_ids"] = group.prompt_ids;
  line["completion_ids"] = group.completions.at(sample).completion.ids;
  return line;
}

json dropped_line(const ScoredGroup& group, size_t sample, const Scorer& scorer,
                  const std::string& reason) {
  json line = line_of(group, sample, scorer);
  line["dropped"] = reason;
  return line;
}

SampleRow read_sample(const json& line, const std::string& place) {
  const Members members(line, place);
  constexpr int64_t kMost = std::numeric_limits<uint32_t>::max();
  SampleRow row;
  row.prompt_index = static_cast<uint32_t>(members.integer("prompt_index", kMost));
  row.sample = static_cast<uint32_t>(members.integer("sample", kMost));
  row.prompt = members.text("prompt");
  row.completion = members.text("completion");
  row.prompt_ids = members.ids("prompt_ids");
  row.completion_ids = members.ids("completion_ids");
  check(!row.completion_ids.empty(), ErrorCode::corrupt,
        "expected at least one id, got none, in {} completion_ids", place);
  row.reward = members.number(members.at("reward"), "reward");
  for (const auto& [name, value] : members.object("rewards").items()) {
    row.rewards[name] = members.number(value, "rewards/" + name);
  }
  row.extracted = members.text("extracted");
  row.gold = members.text("gold");
  row.difficulty = members.text("difficulty");
  row.columns = std::make_shared<const json>(members.object("columns"));
  return row;
}

void for_each_sample(const std::filesystem::path& path, const std::function<void(SampleRow)>& use) {
  for_each_jsonl(
      path,
      [&](const json& line, uint64_t number) {
        use(read_sample(line, fmt::format("{} line {}", path.string(), number)));
      },
      JsonlMode::strict);
}

std::vector<SampleRow> read_samples(const std::filesystem::path& path) {
  std::vector<SampleRow> rows;
  for_each_sample(path, [&](SampleRow row) { rows.push_back(std::move(row)); });
  return rows;
}

json write_summary(const SampleSummary& summary) {
  json by = json::object();
  for (const auto& [column, classes] : summary.by) {
    for (const auto& [name, count] : classes) {
      by[column][name] = {{"drawn", count.drawn}, {"kept", count.kept}};
    }
  }
  return {{"tokenizer", summary.tokenizer},
          {"prompts", summary.prompts},
          {"drawn", summary.drawn},
          {"correct", summary.correct},
          {"kept", summary.kept},
          {"rows", summary.rows},
          {"prompt_tokens", summary.prompt_tokens},
          {"num_tokens", summary.num_tokens},
          {"num_tokens_kept", summary.num_tokens_kept},
          {"dropped", summary.dropped},
          {"mean_length", mean_or_null(summary.num_tokens, summary.drawn)},
          {"mean_length_kept", mean_or_null(summary.num_tokens_kept, summary.kept)},
          {"by", by}};
}

SampleSummary read_summary(const json& object, const std::string& place) {
  const Members members(object, place);
  SampleSummary summary;
  summary.tokenizer = members.text("tokenizer");
  summary.prompts = members.integer("prompts");
  summary.drawn = members.integer("drawn");
  summary.correct = members.integer("correct");
  summary.kept = members.integer("kept");
  summary.rows = members.integer("rows");
  summary.prompt_tokens = members.integer("prompt_tokens");
  summary.num_tokens = members.integer("num_tokens");
  summary.num_tokens_kept = members.integer("num_tokens_kept");
  for (const auto& [reason, count] : members.object("dropped").items()) {
    summary.dropped[reason] =
        members.count(count, "dropped/" + reason, std::numeric_limits<int64_t>::max());
  }
  for (const auto& [column, classes] : members.object("by").items()) {
    const std::string inside = place + " by/" + column;
    const Members named(classes, inside);
    for (const auto& [name, counts] : classes.items()) {
      const Members both(counts, inside + "/" + name);
      summary.by[column][name] = {both.integer("drawn"), both.integer("kept")};
    }
  }
  return summary;
}

SampleSummary read_sample_summary(const std::filesystem::path& stage_folder) {
  const auto path = stage_folder / "summary.json";
  return read_summary(read_json_file(path), path.string());
}

std::string tokenizer_fingerprint(const policy::Tokenizer& tokenizer) {
  uint64_t hash = 0;
  for (int32_t id = 0; id < tokenizer.vocab_size(); ++id) {
    hash = mix64(hash ^ fnv1a(tokenizer.token(id))) + (tokenizer.is_special(id) ? 1 : 0);
  }
  const auto& special = tokenizer.special_ids();
  for (const auto& id : {special.bos, special.eos, special.pad}) {
    hash = mix64(hash ^ static_cast<uint64_t>(id ? *id + int64_t{1} : 0));
  }
  return hex16(hash);
}

}  // namespace reckon::rl
