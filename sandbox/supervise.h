#pragma once

#include <functional>
#include <optional>

#include "sandbox/control.h"
#include "sandbox/group.h"
#include "sandbox/pump.h"
#include "sandbox/sandbox.h"

namespace reckon::sandbox {

/// The judge's ends of one run's pipes.
struct Streams {
  Feeder input;
  Collector output;
  Collector error;
  Collector result;
};

/// How a run came to its end.
struct Ending {
  std::optional<OutcomeKind> killed;  ///< limit that the judge saw broken; the box is to be ended
  std::optional<ReceivedReport> report;
  double wall_s = 0.0;
};

/// Moves the bytes of one run and watches its limits until init reports, init is lost or a limit is
/// broken. `usage` and `stop` (may be empty) are asked every few milliseconds. Never longer than the wall limit.
Ending supervise(Control& control, Streams& streams, const Run& run, bool counted,
                 const std::function<GroupUsage()>& usage, const std::function<bool()>& stop);

/// Reads what is left in the pipes after every writer is dead, for a bounded time. Returns the
/// limit that these bytes break, if any.
std::optional<OutcomeKind> drain(Streams& streams);

}  // namespace reckon::sandbox
