#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "rewards/judge/external_program.h"

namespace reckon::rewards {

/// The programs of the user's that grade, one for each distinct `program` object of a request. Each
/// is started by its first request. Not thread-safe.
class ExternalPool {
 public:
  explicit ExternalPool(AnswerSink answer) : answer_(std::move(answer)) {}

  /// Sends a request of kind `external` to its program: docs/external-graders.md. Throws
  /// Error(invalid_argument) if the request is wrong in itself.
  void submit(uint64_t id, const nlohmann::json& request);

  /// Hands out waiting requests, ends what is past its deadline, and lists what to wait for.
  void prepare(PollSet& polls);

  /// Kills every program.
  void end() { programs_.clear(); }

 private:
  AnswerSink answer_;
  std::map<std::string, std::unique_ptr<ExternalProgram>> programs_;  // by options
};

}  // namespace reckon::rewards
