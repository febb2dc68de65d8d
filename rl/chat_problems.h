#pragma once

#include <memory>

#include "policy/chat/chat_format.h"
#include "tasks/task.h"

namespace reckon::rl {

/// The problems of another source with their conversations written as text, in the chat format of
/// the model that answers them.
class ChatProblems : public tasks::ProblemSource {
 public:
  /// With `as_messages`, a prompt of text becomes one message of the user; else it stays as it is.
  ChatProblems(std::unique_ptr<tasks::ProblemSource> source, policy::ChatFormat format,
               bool as_messages);

  /// All throw what the source throws, and Error(invalid_argument) where the chat format refuses a
  /// conversation.
  tasks::Problem at(uint64_t position) const override;
  uint64_t num_held_out() const override;
  std::vector<tasks::Problem> held_out(uint64_t count) const override;
  std::string summary() const override;
  std::vector<tasks::DataRow> rows() const override { return source_->rows(); }
  void leave_out(const std::vector<bool>& unusable) override { source_->leave_out(unusable); }
  std::optional<tasks::TraceReport> trace(const tasks::Problem& problem,
                                          std::string_view completion) const override;

 private:
  tasks::Problem written(tasks::Problem problem) const;

  std::unique_ptr<tasks::ProblemSource> source_;
  policy::ChatFormat format_;
  bool as_messages_;
};

/// Whether the prompts of a task end with `<think>`, so that completions begin inside a thought;
/// its first problem is looked at. Throws what the source throws.
bool opens_thought(const tasks::ProblemSource& source);

}  // namespace reckon::rl
