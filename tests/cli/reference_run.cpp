#include "tests/cli/reference_run.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "tests/cli/process.h"
#include "tests/cli/small_recipe.h"

namespace reckon::tests {

ReferenceRun::ReferenceRun() {
  write_recipe(folder_.path(), small_recipe());
  const Outcome outcome = run_program(run_launch(recipe(), run()));
  check(outcome.status == 0, ErrorCode::internal, "expected a run that ends, got status {}: {}",
        outcome.status, outcome.err);
  bytes_ = run_bytes(run());
  written_ = written_bytes(run());
}

const ReferenceRun& reference_run() {
  static const ReferenceRun kReference;
  return kReference;
}

}  // namespace reckon::tests
