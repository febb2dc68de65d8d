#pragma once

#include <filesystem>
#include <string_view>

#include "rewards/judge/channel.h"
#include "rewards/judge/external_pool.h"
#include "rewards/judge/frames.h"
#include "rewards/judge/judge_client.h"
#include "rewards/judge/request_kind.h"
#include "rewards/judge/sandbox_pool.h"
#include "rewards/judge/worker_pool.h"

namespace reckon::rewards {

/// The judge itself: takes requests from the trainer, hands each to the workers, the sandboxes or a
/// program of the user's, and sends the answers back as they come. One thread.
class Server {
 public:
  /// `client` is the trainer's end; `options.program` starts the workers.
  Server(sandbox::UniqueFd client, const JudgeOptions& options, const JudgeParts& parts);

  /// Serves until the trainer closes its end or dies. False if programs still run in sandboxes:
  /// then the process must end without this object's destructor, which would wait for them.
  bool run();

 private:
  void answer(uint64_t id, std::string_view body);
  void receive();
  void take(const Frame& frame);
  void fail_all(const Error& error);
  bool finish();

  JudgeParts parts_;
  Channel client_;
  FrameReader reader_;
  bool open_ = true;
  WorkerPool workers_;
  SandboxPool sandboxes_;
  ExternalPool programs_;
};

}  // namespace reckon::rewards
