#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/problem.h"
#include "tasks/trace_report.h"

namespace reckon::tasks {

/// One row of a data set, for checks before a run. A view into what gave it.
struct DataRow {
  uint64_t line = 0;  ///< in the file, from 1
  const nlohmann::json* columns = nullptr;
  std::string_view task = {};  ///< name of the part of a mixture; empty if it is none
};

/// Gives problems by number. Every problem is a pure function of the configuration, the seed and
/// the number, so the state of a data reader is one integer: the next number to ask for. Const
/// members may be called from several threads at once.
class ProblemSource {
 public:
  virtual ~ProblemSource() = default;

  /// Training problem number `position` (0, 1, 2, ...; there is no last one). Never a held-out one.
  virtual Problem at(uint64_t position) const = 0;

  /// How many held-out problems there are.
  virtual uint64_t num_held_out() const = 0;

  /// The first `count` problems of the fixed held-out list, without duplicates. The list does not
  /// depend on the seed, so that runs are compared on the same problems, and a shorter list is the
  /// beginning of a longer one. Throws `invalid_argument` if `count` exceeds `num_held_out()`.
  virtual std::vector<Problem> held_out(uint64_t count) const = 0;

  /// One line for the user: how many problems, and what was left out.
  virtual std::string summary() const = 0;

  /// All rows of a data set, for training and held out; none where problems are generated.
  virtual std::vector<DataRow> rows() const { return {}; }

  /// Takes rows out of a data set before its first problem is asked for: `unusable` has one flag
  /// for each of `rows()`. Throws `invalid_argument` that says how to go on if they are too many.
  virtual void leave_out(const std::vector<bool>& unusable);

  /// Diagnosis of one answer to a problem of this source; nothing where the task knows no traces.
  virtual std::optional<TraceReport> trace(const Problem& problem,
                                           std::string_view completion) const;
};

/// Where a configuration object was read, for error messages, and the seed of its draws.
struct SourceContext {
  /// JSON pointer of the object, for example "/task".
  std::string pointer;
  /// Name of the file that holds it; data set paths that are not absolute are relative to the
  /// current folder, not to this file.
  std::string file = "recipe";
  uint64_t seed = 0;
  /// Number of the stage that draws, so that two stages do not see the same order.
  uint32_t stage = 0;

  /// "FILE POINTER/KEY", or "FILE POINTER" for an empty key.
  std::string place(std::string_view key = {}) const;
};

/// Makes the source that `config` describes, by its `kind`: `arithmetic` (`ArithmeticConfig`),
/// `countdown` (`CountdownConfig`), `functions` (`FunctionsConfig`), `instructed-countdown`
/// (`InstructedCountdownConfig`), `instructed-lists` (`ListTaskConfig`), `jsonl` (`JsonlConfig`) or
/// `mixture` (`MixtureConfig`). Throws `invalid_argument` that lists every wrong key, `not_found`
/// for a missing data set, `corrupt` for a broken one.
std::unique_ptr<ProblemSource> make_task(const nlohmann::json& config,
                                         const SourceContext& context);

}  // namespace reckon::tasks
