#include "rewards/judge/external_pool.h"

#include <nlohmann/json.hpp>

#include "core/config.h"

namespace reckon::rewards {

void ExternalPool::submit(uint64_t id, const nlohmann::json& request) {
  const auto& options = request.at("program");
  auto& program = programs_[options.dump()];
  if (!program) {
    program = std::make_unique<ExternalProgram>(
        read_config<ExternalOptions>(options, "/program", "request"), answer_);
  }
  program->submit(id, request);
}

void ExternalPool::prepare(PollSet& polls) {
  for (auto& [options, program] : programs_) program->prepare(polls);
}

}  // namespace reckon::rewards
