#pragma once

#include <nlohmann/json_fwd.hpp>

#include "rewards/code/split_tests.h"
#include "rewards/verdict.h"
#include "sandbox/sandbox.h"

namespace reckon::rewards {

/// Grades a program by the tests of its problem. `request` holds `completion` or a bare `answer`,
/// options, and the row's columns (in `columns`, or beside the options); docs/code-rewards.md lists
/// both. The score is 1 if every test passed, else 0, or the share of passed tests with `score`
/// "fraction"; nothing for a fault of the data or of the machinery. `extracted` is the program,
/// `gold` says what tested it, `detail` what became of them.
///
/// Throws Error(invalid_argument) for an option that is wrong; a bad program or specification is a
/// verdict. Thread-safe; runs for as long as the program may, in the calling thread and one more.
Verdict grade_code(sandbox::Sandbox& sandbox, const nlohmann::json& request);

/// The same with a memory of its own for tests that were split.
Verdict grade_code(sandbox::Sandbox& sandbox, const nlohmann::json& request,
                   code::SplitMemory& memory);

}  // namespace reckon::rewards
