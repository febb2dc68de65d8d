#pragma once

#include <span>

#include "rewards/judge/request_kind.h"

namespace reckon::rewards {

/// The life of a grading worker: reads frames from descriptor 0, answers each on the same
/// descriptor before it looks at the next, and returns at the end of the stream. A frame with id 0
/// says that it is ready. Running out of memory ends the process, for the libraries below may be in
/// any state then.
int worker_main(std::span<const RequestKind> kinds);

}  // namespace reckon::rewards
