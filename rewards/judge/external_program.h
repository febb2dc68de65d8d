#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "rewards/judge/channel.h"
#include "rewards/judge/external_options.h"
#include "rewards/judge/worker_pool.h"
#include "sandbox/child_process.h"

namespace reckon::rewards {

/// A program of the user's that reads requests and writes answers, one JSON object a line, and
/// whatever it likes to its standard error. It has a process group of its own, and is killed with
/// it. Not thread-safe.
class ExternalProgram {
 public:
  ExternalProgram(ExternalOptions options, AnswerSink answer);

  /// Asks for the completions of `request` to be scored.
  void submit(uint64_t id, const nlohmann::json& request);

  /// Starts the program if there is something to do, hands out waiting requests, ends it if one is
  /// past its deadline, and lists what to wait for.
  void prepare(PollSet& polls);

 private:
  struct Job {
    uint64_t id = 0;   ///< for the sink
    std::string text;  ///< the request as JSON, without its number
    size_t completions = 0;
    int deaths = 0;           ///< of the program while it had this
    Clock::time_point since;  ///< when its time began
  };

  void start();
  void hand_out();
  void receive_answers();
  void receive_errors();
  void take_line(std::string_view line);
  void answer(uint64_t number, const nlohmann::json& reply);
  void answer_nothing(const Job& job, const std::string& reason);
  std::map<uint64_t, Job>::iterator first_overdue();
  void bury(bool overdue);
  void give_up(const Error& error);
  std::string last_words() const;

  const ExternalOptions options_;
  const Clock::duration timeout_;
  const std::string name_;  // the command, for messages
  const AnswerSink answer_;
  sandbox::ChildProcess process_;
  Channel input_, output_, errors_;
  std::string output_text_;            // the beginning of a line
  std::string error_text_;             // the end of what it wrote to standard error
  std::string stray_;                  // the last line that was no answer
  std::map<uint64_t, Job> under_way_;  // by number, in the order of sending
  std::deque<Job> waiting_;
  uint64_t next_number_ = 1;
  int deaths_in_a_row_ = 0;  // since its last answer
  std::string last_death_;   // how it ended last, for messages
  bool ever_answered_ = false;
  std::optional<Error> failure_;  // why it is not started any more
};

}  // namespace reckon::rewards
