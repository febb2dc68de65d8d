#include "watch/table_columns.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

namespace reckon::watch {

namespace {

using Keys = std::set<std::string>;

// The part of `key` between `prefix` and `suffix`; empty if it does not have that form.
std::string between(const std::string& key, const std::string& prefix, const std::string& suffix) {
  if (key.size() <= prefix.size() + suffix.size()) return "";
  if (!key.starts_with(prefix) || !key.ends_with(suffix)) return "";
  return key.substr(prefix.size(), key.size() - prefix.size() - suffix.size());
}

// Names between `prefix` and `suffix` that are one word of the path, in order.
std::vector<std::string> names_between(const Keys& keys, const std::string& prefix,
                                       const std::string& suffix) {
  std::vector<std::string> names;
  for (const std::string& key : keys) {
    const std::string name = between(key, prefix, suffix);
    if (!name.empty() && name.find('/') == std::string::npos) names.push_back(name);
  }
  return names;
}

// Columns of the problems that evaluations report apart: `by/COLUMN/VALUE/accuracy`.
std::vector<std::string> group_columns(const Keys& keys) {
  std::vector<std::string> columns;
  for (const std::string& key : keys) {
    const std::string path = between(key, "by/", "/accuracy");
    const std::string column = path.substr(0, path.find('/'));
    if (path.find('/') == std::string::npos) continue;
    if (columns.empty() || columns.back() != column) columns.push_back(column);
  }
  return columns;
}

// The number `key` for each value of a column.
std::vector<TablePart> parts_of(const Keys& keys, const std::string& column,
                                const std::string& key) {
  std::vector<TablePart> parts;
  const std::string prefix = "by/" + column + "/", suffix = "/" + key;
  for (const std::string& name : names_between(keys, prefix, suffix)) {
    parts.push_back({name, prefix + name + suffix});
  }
  return parts;
}

// Classes of difficulty in the order of their names' meaning, others after them.
std::vector<TablePart> difficulty_parts(const Keys& keys) {
  auto names = names_between(keys, "by_difficulty/", "/accuracy");
  const std::vector<std::string> known = {"easy", "medium", "hard"};
  const auto rank = [&](const std::string& name) {
    return std::find(known.begin(), known.end(), name) - known.begin();
  };
  std::stable_sort(names.begin(), names.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  std::vector<TablePart> parts;
  for (const auto& name : names) parts.push_back({name, "by_difficulty/" + name + "/accuracy"});
  return parts;
}

// The largest k of `pass_at_k` or `cons_at_k`, as it is written; empty if there is none.
std::string largest_k(const Keys& keys, const std::string& name) {
  std::string largest;
  for (const std::string& k : names_between(keys, name + "/", "")) {
    if (largest.empty() || std::atoll(k.c_str()) > std::atoll(largest.c_str())) largest = k;
  }
  return largest;
}

// Whether a reward says of every policy what its accuracy says.
bool repeats_accuracy(const Exam& exam, const std::string& key) {
  return std::all_of(exam.lines.begin(), exam.lines.end(), [&](const Evaluation* line) {
    const auto value = line->value(key), accuracy = line->value("accuracy");
    return value && accuracy && std::abs(*value - *accuracy) < 1e-9;
  });
}

// Columns of one exam.
class ExamColumns {
 public:
  ExamColumns(const Exam& exam, std::string prefix)
      : exam_(exam),
        prefix_(std::move(prefix)),
        keys_(exam.keys()),
        groups_(group_columns(keys_)) {}

  void add(const std::string& title, const std::string& key, int digits = 2,
           std::vector<TablePart> parts = {}) {
    const bool is_there = key.empty() ? !parts.empty() : keys_.contains(key);
    if (is_there) columns_.push_back({exam_.stage, prefix_ + title, key, digits, std::move(parts)});
  }

  void add_of_k(const std::string& title, const std::string& name) {
    const std::string k = largest_k(keys_, name);
    if (!k.empty() && k != "1") add(title + "@" + k, name + "/" + k);
  }

  void add_words() {
    for (const auto& word : names_between(keys_, "reflection/", "")) {
      add(word, "reflection/" + word, 1);
    }
  }

  // Each reward with its parts by the first group column, and by others in columns of their own.
  void add_rewards() {
    bool repeated = false;
    for (const auto& name : names_between(keys_, "rewards/", "/mean")) {
      const std::string key = "rewards/" + name + "/mean";
      if (!repeated && repeats_accuracy(exam_, key)) {
        repeated = true;
        continue;
      }
      std::vector<TablePart> parts;
      if (!groups_.empty()) parts = parts_of(keys_, groups_.front(), key);
      add(name, key, 2, std::move(parts));
      for (size_t i = 1; i < groups_.size(); ++i) {
        add(name + " by " + groups_[i], "", 2, parts_of(keys_, groups_[i], key));
      }
    }
  }

  void add_accuracy_by_group() {
    for (const auto& group : groups_) {
      add("pass@1 by " + group, "", 2, parts_of(keys_, group, "accuracy"));
    }
    add("pass@1 by difficulty", "", 2, difficulty_parts(keys_));
  }

  std::vector<TableColumn> take() { return std::move(columns_); }

 private:
  const Exam& exam_;
  std::string prefix_;
  Keys keys_;
  std::vector<std::string> groups_;
  std::vector<TableColumn> columns_;
};

std::vector<TableColumn> main_columns(const Exam& exam) {
  ExamColumns columns(exam, "");
  columns.add("pass@1", "accuracy");
  columns.add("greedy", "accuracy_greedy");
  columns.add_of_k("cons", "cons_at_k");
  columns.add_of_k("pass", "pass_at_k");
  columns.add("length", "mean_length", 0);
  columns.add_words();
  columns.add_rewards();
  columns.add("clean", "clean_frac");
  columns.add_accuracy_by_group();
  columns.add("false yes", "trace/false_yes_frac");
  return columns.take();
}

}  // namespace

std::vector<TableColumn> table_columns(const std::vector<Exam>& exams) {
  if (exams.empty()) return {};
  std::vector<TableColumn> columns = main_columns(exams.front());
  for (size_t i = 1; i < exams.size(); ++i) {
    ExamColumns more(exams[i], exams[i].stage + "\n");
    more.add("pass@1", "accuracy");
    more.add_rewards();
    for (auto& column : more.take()) columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace reckon::watch
