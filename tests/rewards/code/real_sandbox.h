#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "rewards/code/split_tests.h"
#include "rewards/verdict.h"
#include "sandbox/sandbox.h"

namespace reckon::tests {

/// The sandbox of this machine; null, with the reason printed, where it has none that is strict.
std::unique_ptr<sandbox::Sandbox> real_sandbox();

/// One verdict a request, graded by two threads.
std::vector<rewards::Verdict> grade_all(sandbox::Sandbox& sandbox,
                                        const std::vector<nlohmann::json>& requests,
                                        rewards::code::SplitMemory& memory);

/// A verdict in one line, for messages.
std::string show(const rewards::Verdict& verdict);

}  // namespace reckon::tests
