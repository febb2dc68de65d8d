#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string_view>

#include "rewards/verdict.h"
#include "sandbox/sandbox.h"

namespace reckon::rewards {

/// A kind of request and who grades it: exactly one of the functions is set. A function may throw
/// Error for a request that is wrong in itself, such as one with an unknown option; a bad answer is
/// a verdict.
struct RequestKind {
  std::string_view name;
  /// Runs in a grading worker: one thread, 1 s, 512 MiB, and may end the process.
  Verdict (*in_worker)(const nlohmann::json& request) = nullptr;
  /// Runs in a thread of the judge and starts programs in sandboxes.
  Verdict (*in_sandbox)(sandbox::Sandbox& sandbox, const nlohmann::json& request) = nullptr;
};

/// The entry of `name`; null if there is none.
const RequestKind* find_kind(std::span<const RequestKind> kinds, std::string_view name);

/// What a judge can do. The kind `external` is always there.
struct JudgeParts {
  std::span<const RequestKind> kinds;
  /// Makes the sandbox when the first request needs one; null if no kind does.
  std::unique_ptr<sandbox::Sandbox> (*make_sandbox)(const sandbox::SandboxOptions& options) =
      nullptr;
};

/// The parts of reckon-judge.
JudgeParts judge_parts();

/// `main` of a judge with these parts: `--worker` makes a grading worker that speaks on descriptor
/// 0; else a judge that serves the trainer at the other end of descriptor 0 and ends with it.
int judge_main(int argc, char** argv, const JudgeParts& parts);

}  // namespace reckon::rewards
