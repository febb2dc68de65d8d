#pragma once

#include <string>
#include <vector>

#include "watch/run_folder.h"

namespace reckon::watch {

/// A static picture without script: held-out accuracy on the left and mean response length on the
/// right, by optimizer step. One run has the sampled curve with its interval or quantile band and
/// the greedy curve; several runs have one sampled curve each. Readable on light and dark ground.
/// Runs without evaluations are left out; if none is left, the picture says so.
std::string curve_svg(const std::vector<RunFolder>& runs);

}  // namespace reckon::watch
