#include "watch/exams.h"

#include <algorithm>

namespace reckon::watch {

namespace {

// The last evaluation of each stage on held-out data.
Exam last_evaluations(const RunFolder& run) {
  Exam exam;
  for (const RunStage& stage : run.stages) {
    const Evaluation* last = nullptr;
    for (const Evaluation& line : run.evaluations) {
      if (line.stage == stage.name && line.data == "held_out") last = &line;
    }
    if (last != nullptr) exam.lines.push_back(last);
  }
  return exam;
}

}  // namespace

const Evaluation* Exam::find(const std::string& policy) const {
  const auto found = std::find_if(lines.begin(), lines.end(),
                                  [&](const Evaluation* line) { return line->policy == policy; });
  return found == lines.end() ? nullptr : *found;
}

std::set<std::string> Exam::keys() const {
  std::set<std::string> keys;
  for (const Evaluation* line : lines) {
    for (const auto& [key, value] : line->values) keys.insert(key);
  }
  return keys;
}

std::vector<Exam> exams(const RunFolder& run) {
  std::vector<Exam> found;
  for (const RunStage& stage : run.stages) {
    if (stage.kind != "eval") continue;
    Exam exam{stage.name, {}};
    for (const Evaluation& line : run.evaluations) {
      if (line.stage == stage.name) exam.lines.push_back(&line);
    }
    if (!exam.lines.empty()) found.push_back(std::move(exam));
  }
  const auto main = std::max_element(found.begin(), found.end(), [](const Exam& a, const Exam& b) {
    return a.lines.size() < b.lines.size();
  });
  if (main != found.end()) std::rotate(found.begin(), main, main + 1);
  if (!found.empty()) return found;
  Exam last = last_evaluations(run);
  if (!last.lines.empty()) found.push_back(std::move(last));
  return found;
}

std::vector<std::string> policies(const std::vector<Exam>& exams) {
  std::vector<std::string> names;
  for (const Exam& exam : exams) {
    for (const Evaluation* line : exam.lines) {
      if (std::find(names.begin(), names.end(), line->policy) == names.end()) {
        names.push_back(line->policy);
      }
    }
  }
  return names;
}

}  // namespace reckon::watch
