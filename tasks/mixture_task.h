#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config.h"
#include "tasks/task.h"

namespace reckon::tasks {

/// One part of a mixture.
struct MixturePart {
  std::string name;
  int64_t weight = 1;
  JsonValue task;

  template <class V>
  static void visit(V& v) {
    v(&MixturePart::name, "name", "value of the column `task` of its problems", required());
    v(&MixturePart::weight, "weight", "its problems in each round", between(1, 1000));
    v(&MixturePart::task, "task", "a task of any other kind", required());
  }
};

/// Options of `{"kind": "mixture"}`.
struct MixtureConfig {
  std::string kind = "mixture";
  std::vector<MixturePart> parts;

  template <class V>
  static void visit(V& v) {
    v(&MixtureConfig::kind, "kind", "kind of the task", required(one_of({"mixture"})));
    v(&MixtureConfig::parts, "parts", "the tasks, by name and weight", required());
  }
};

/// Problems of several tasks by turns, spread evenly: every round of as many problems as the
/// weights sum up to holds exactly `weight` of each part. Problems have the name of their part in
/// the column `task`, instead of a column of this name that they may have had.
class MixtureTask : public ProblemSource {
 public:
  /// Makes the parts. Throws `invalid_argument` that names the key if there is none, two have one
  /// name, or a part is a mixture itself.
  MixtureTask(const MixtureConfig& config, const SourceContext& context);

  Problem at(uint64_t position) const override;
  uint64_t num_held_out() const override;
  /// The same turns over the held-out lists; a part whose list has ended is passed over.
  std::vector<Problem> held_out(uint64_t count) const override;
  std::string summary() const override;
  /// Those of the first part, then those of the second, and so on.
  std::vector<DataRow> rows() const override;
  void leave_out(const std::vector<bool>& unusable) override;
  /// What the part of the problem says.
  std::optional<TraceReport> trace(const Problem& problem,
                                   std::string_view completion) const override;

 private:
  struct Part {
    std::string name;
    uint64_t weight = 1;
    std::unique_ptr<ProblemSource> source;
  };
  /// One turn of a round.
  struct Turn {
    size_t part = 0;
    uint64_t rank = 0;  // of this problem among those of its part in the round
  };

  std::vector<Turn> make_round() const;
  Problem named(Problem problem, const Part& part, uint64_t index) const;

  std::vector<Part> parts_;
  std::vector<Turn> round_;
};

}  // namespace reckon::tasks
