#pragma once

#include <optional>

#include "sandbox/group.h"
#include "sandbox/init_protocol.h"
#include "sandbox/sandbox.h"

namespace reckon::sandbox {

/// All that is known of a run when it has ended.
struct Evidence {
  std::optional<OutcomeKind> killed;  ///< why the judge ended it, if it did
  std::optional<InitReport> report;   ///< what init said at the end; none if init was lost
  GroupUsage usage;
  bool counted = false;  ///< whether `usage` comes from a control group
};

/// Fills the kind of `outcome`, its status, CPU time and peaks. Its outputs must be there already.
void decide(const Evidence& evidence, const Limits& limits, Outcome& outcome);

}  // namespace reckon::sandbox
