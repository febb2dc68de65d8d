#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"
#include "tasks/task.h"

namespace reckon::tasks {

/// Options of `{"kind": "instructed-lists"}`.
struct ListTaskConfig {
  std::string kind = "instructed-lists";

  template <class V>
  static void visit(V& v) {
    v(&ListTaskConfig::kind, "kind", "kind of the task", required(one_of({"instructed-lists"})));
  }
};

/// Five numbers to be sorted or turned round: `<bos> LANGUAGE OPERATION x1 x2 x3 x4 x5`. Columns of
/// a problem: `gold`, the numbers of the answer with blanks between, `language` ("en" or "ko") and
/// `operation` ("sort" or "rev"). Training problems are drawn from the rl split, each from its own
/// random stream.
class ListTask : public ProblemSource {
 public:
  ListTask(const ListTaskConfig& config, const SourceContext& context);

  Problem at(uint64_t position) const override;
  uint64_t num_held_out() const override { return held_out_.size(); }
  std::vector<Problem> held_out(uint64_t count) const override;
  std::string summary() const override;

 private:
  uint64_t seed_;
  uint32_t stage_;
  std::vector<Problem> held_out_;
};

}  // namespace reckon::tasks
