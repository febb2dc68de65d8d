#include "watch/stage_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/bootstrap.h"
#include "watch/exams.h"
#include "watch/table_columns.h"

namespace reckon::watch {

namespace {

using nlohmann::json;

constexpr uint64_t kSeed = 0;  // tables are the same whenever they are made

using Runs = std::vector<const RunFolder*>;

// A run with its exams.
struct Examined {
  const RunFolder* run = nullptr;
  std::vector<Exam> exams;

  // What a stage measured of a policy, or null.
  const Evaluation* find(const std::string& stage, const std::string& policy) const {
    for (const Exam& exam : exams) {
      if (exam.stage == stage) return exam.find(policy);
    }
    return nullptr;
  }
};

std::vector<Examined> examine(const Runs& runs) {
  std::vector<Examined> examined;
  for (const RunFolder* run : runs) {
    Examined one{run, exams(*run)};
    if (!one.exams.empty()) examined.push_back(std::move(one));
  }
  return examined;
}

// Values of one number by prompt.
std::map<int64_t, double> by_prompt(const Evaluation& line, const std::string& key) {
  std::map<int64_t, double> values;
  for (const auto& [index, prompt] : line.prompts) {
    const auto found = prompt.find(key);
    if (found != prompt.end()) values[index] = found->second;
  }
  return values;
}

// Mean over runs of the number `key`; nothing if no run has it.
std::optional<double> mean_of(const std::vector<const Evaluation*>& lines, const std::string& key) {
  std::vector<double> values;
  for (const Evaluation* line : lines) {
    if (const auto value = line->value(key)) values.push_back(*value);
  }
  if (values.empty()) return std::nullopt;
  return mean(values);
}

void set_interval(TableCell& cell, const std::array<double, 2>& interval) {
  cell.low = interval[0];
  cell.high = interval[1];
}

// One run has the interval that was recorded; several have one over runs and prompts, where each of
// them lists its prompts.
void add_interval(TableCell& cell, const std::vector<const Evaluation*>& lines,
                  const std::string& key) {
  if (lines.size() == 1) {
    // "pass_at_k/16" has its interval at "pass_at_k_interval/16".
    const size_t slash = key.starts_with("rewards/") ? std::string::npos : key.find('/');
    std::string place = key;
    place.insert(std::min(slash, key.size()), "_interval");
    cell.low = lines.front()->value(place + "/low");
    cell.high = lines.front()->value(place + "/high");
    return;
  }
  std::vector<std::vector<double>> groups;
  for (const Evaluation* line : lines) {
    std::vector<double> values;
    for (const auto& [index, value] : by_prompt(*line, key)) values.push_back(value);
    if (values.empty()) return;
    groups.push_back(std::move(values));
  }
  if (!groups.empty()) set_interval(cell, two_level_interval(groups, kSeed));
}

TableCell cell_of(const std::vector<Examined>& runs, const TableColumn& column,
                  const std::string& policy) {
  std::vector<const Evaluation*> lines;
  for (const Examined& run : runs) {
    const Evaluation* line = run.find(column.stage, policy);
    if (line != nullptr) lines.push_back(line);
  }
  TableCell cell;
  for (const TablePart& part : column.parts) cell.parts.push_back(mean_of(lines, part.key));
  if (column.key.empty()) return cell;
  cell.value = mean_of(lines, column.key);
  if (cell.value) add_interval(cell, lines, column.key);
  return cell;
}

StageTable make_table(const std::vector<Examined>& runs) {
  StageTable table;
  if (runs.empty()) return table;
  table.columns = table_columns(runs.front().exams);
  for (const std::string& policy : policies(runs.front().exams)) {
    TableRow row{policy, "", {}};
    for (const TableColumn& column : table.columns) {
      row.cells.push_back(cell_of(runs, column, policy));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

// The difference of two policies in one column, over the prompts that both answered.
TableCell difference(const std::vector<Examined>& runs, const TableColumn& column,
                     const std::string& policy, const std::string& other) {
  std::vector<std::vector<double>> groups;
  for (const Examined& run : runs) {
    const Evaluation* after = run.find(column.stage, policy);
    const Evaluation* before = run.find(column.stage, other);
    if (after == nullptr || before == nullptr) continue;
    const auto subtracted = by_prompt(*before, column.key);
    std::vector<double> values;
    for (const auto& [index, value] : by_prompt(*after, column.key)) {
      const auto found = subtracted.find(index);
      if (found != subtracted.end()) values.push_back(value - found->second);
    }
    if (!values.empty()) groups.push_back(std::move(values));
  }
  TableCell cell;
  if (groups.empty()) return cell;
  std::vector<double> means;
  for (const auto& values : groups) means.push_back(mean(values));
  cell.value = mean(means);
  set_interval(cell, groups.size() == 1 ? bootstrap_interval(groups.front(), kSeed)
                                        : two_level_interval(groups, kSeed));
  return cell;
}

std::string number(double value, int digits, bool is_signed) {
  std::string text = fmt::format("{:.{}f}", value, digits);
  // What rounds to nothing has no sign.
  const bool is_zero = text.find_first_of("123456789") == std::string::npos;
  if (is_zero && text.front() == '-') text.erase(0, 1);
  if (is_signed && !is_zero && text.front() != '-') text.insert(0, 1, '+');
  return text;
}

std::string parts_text(const std::vector<std::optional<double>>& parts, int digits) {
  std::string text;
  for (const auto& part : parts) {
    if (!text.empty()) text += " / ";
    text += part ? number(*part, digits, false) : "–";
  }
  return text;
}

std::string cell_text(const TableCell& cell, const TableColumn& column, bool is_difference) {
  const bool has_part = std::any_of(cell.parts.begin(), cell.parts.end(),
                                    [](const auto& part) { return part.has_value(); });
  const std::string parts = has_part ? parts_text(cell.parts, column.digits) : "";
  if (!cell.value) return parts.empty() ? "–" : parts;
  const auto write = [&](double value) { return number(value, column.digits, is_difference); };
  std::string text = write(*cell.value);
  if (cell.low && cell.high) {
    text += is_difference ? fmt::format(" ({} to {})", write(*cell.low), write(*cell.high))
                          : fmt::format(" ±{:.{}f}", (*cell.high - *cell.low) / 2, column.digits);
  }
  return parts.empty() ? text : text + " (" + parts + ")";
}

std::string run_name(const RunFolder& run) {
  return run.seed ? fmt::format("{}, seed {}", run.name, *run.seed) : run.label;
}

constexpr const char* kRowNote =
    "± is half of the 95 % bootstrap interval over prompts; pass@1 is the mean over all samples.";
constexpr const char* kMeanNote =
    "± is half of the 95 % interval of a bootstrap that draws runs and then prompts. With few runs "
    "it says little about what another seed would give.";
constexpr const char* kDifferenceNote =
    "Paired over the prompts that both policies answered, with 95 % bootstrap intervals. One that "
    "holds 0 shows no difference.";

}  // namespace

StageTable stage_table(const RunFolder& run) {
  StageTable table = make_table(examine({&run}));
  table.title = "Stages of " + run_name(run);
  table.note = kRowNote;
  return table;
}

StageTable mean_table(const Runs& runs) {
  StageTable table = make_table(examine(runs));
  table.title = fmt::format("Stages of {}, means over {} runs", runs.front()->name, runs.size());
  table.note = kMeanNote;
  return table;
}

StageTable difference_table(const Runs& runs) {
  StageTable table;
  table.title = runs.size() == 1 ? "Differences in " + run_name(*runs.front())
                                 : fmt::format("Differences in {}, means over {} runs",
                                               runs.front()->name, runs.size());
  table.note = kDifferenceNote;
  table.is_difference = true;
  const auto examined = examine(runs);
  if (examined.empty()) return table;
  for (TableColumn& column : table_columns(examined.front().exams)) {
    column.parts.clear();
    const auto names = policies(examined.front().exams);
    const bool is_listed = std::any_of(names.begin(), names.end(), [&](const auto& name) {
      const Evaluation* line = examined.front().find(column.stage, name);
      return line != nullptr && !by_prompt(*line, column.key).empty();
    });
    if (is_listed) table.columns.push_back(std::move(column));
  }
  const auto add = [&](const std::string& policy, const std::string& other) {
    TableRow row{policy, other, {}};
    for (const auto& column : table.columns) {
      row.cells.push_back(difference(examined, column, policy, other));
    }
    const bool any = std::any_of(row.cells.begin(), row.cells.end(),
                                 [](const TableCell& cell) { return cell.value.has_value(); });
    if (any) table.rows.push_back(std::move(row));
  };
  const auto names = policies(examined.front().exams);
  for (size_t i = 1; i < names.size(); ++i) add(names[i], names[i - 1]);
  for (size_t i = 2; i < names.size(); ++i) add(names[i], names[0]);
  return table;
}

Grid stage_grid(const StageTable& table) {
  Grid grid{table.title, {table.is_difference ? "difference" : "policy"}, {}, table.note};
  for (const TableColumn& column : table.columns) {
    std::string names;
    for (const TablePart& part : column.parts) names += (names.empty() ? "" : " / ") + part.name;
    if (!names.empty() && !column.key.empty()) names = "(" + names + ")";
    grid.header.push_back(names.empty() ? column.title : column.title + "\n" + names);
  }
  for (const TableRow& row : table.rows) {
    std::vector<std::string> cells = {
        row.minus.empty() ? row.policy : fmt::format("{} − {}", row.policy, row.minus)};
    for (size_t i = 0; i < row.cells.size(); ++i) {
      cells.push_back(cell_text(row.cells[i], table.columns[i], table.is_difference));
    }
    grid.rows.push_back(std::move(cells));
  }
  return grid;
}

json stage_json(const StageTable& table) {
  const auto nullable = [](const std::optional<double>& value) {
    return value ? json(*value) : json(nullptr);
  };
  json rows = json::array();
  for (const TableRow& row : table.rows) {
    json numbers = json::array();
    for (size_t i = 0; i < row.cells.size(); ++i) {
      const TableCell& cell = row.cells[i];
      const TableColumn& column = table.columns[i];
      json item = {{"stage", column.stage}, {"title", column.title}};
      if (!column.key.empty()) {
        item.update({{"key", column.key},
                     {"value", nullable(cell.value)},
                     {"low", nullable(cell.low)},
                     {"high", nullable(cell.high)}});
      }
      for (size_t p = 0; p < cell.parts.size(); ++p) {
        item["parts"][column.parts[p].name] = nullable(cell.parts[p]);
      }
      numbers.push_back(std::move(item));
    }
    json object = {{"policy", row.policy}, {"numbers", std::move(numbers)}};
    if (!row.minus.empty()) object["minus"] = row.minus;
    rows.push_back(std::move(object));
  }
  return {{"title", table.title}, {"rows", std::move(rows)}};
}

std::vector<Runs> by_recipe(const std::vector<RunFolder>& runs) {
  std::vector<Runs> groups;
  for (const RunFolder& run : runs) {
    const auto found = std::find_if(groups.begin(), groups.end(), [&](const Runs& group) {
      return group.front()->name == run.name && group.front()->settings == run.settings;
    });
    if (found == groups.end()) {
      groups.push_back({&run});
    } else {
      found->push_back(&run);
    }
  }
  return groups;
}

}  // namespace reckon::watch
