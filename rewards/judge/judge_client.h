#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

namespace reckon::rewards {

/// Settings of the judge: the program beside the trainer that grades answers in processes of its
/// own and runs code in sandboxes. None of them changes a verdict.
struct JudgeOptions {
  int workers = 2;           ///< grading processes
  int sandboxes = 2;         ///< programs that run side by side
  bool best_effort = false;  ///< run code even where a layer of isolation is missing
  /// Path of reckon-judge; empty: beside the running program, else where it was built.
  std::filesystem::path program;
};

/// Sends requests to a judge and waits for its answers. The judge is started by the first request,
/// restarted if it dies (its unanswered requests are then asked once more), and ends with this
/// object. Thread-safe: requests of several threads are under way at once.
class JudgeClient {
 public:
  explicit JudgeClient(const JudgeOptions& options = {});
  ~JudgeClient();

  /// One answer a request, in the order of the requests, whatever order they were finished in.
  /// Requests and answers are those of docs/formats.md, "judge". Throws Error(unsupported) where
  /// the judge cannot work on this machine, Error(internal) if it dies again and again.
  std::vector<nlohmann::json> ask(std::span<const nlohmann::json> requests);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace reckon::rewards
