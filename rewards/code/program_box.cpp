#include "rewards/code/program_box.h"

#include <algorithm>
#include <utility>

namespace reckon::rewards::code {

Deadline::Deadline(double seconds)
    : end_(std::chrono::steady_clock::now() +
           std::chrono::duration_cast<std::chrono::steady_clock::duration>(
               std::chrono::duration<double>(seconds))) {}

double Deadline::left() const {
  return std::chrono::duration<double>(end_ - std::chrono::steady_clock::now()).count();
}

bool Deadline::passed() const { return left() <= 0.0; }

sandbox::Limits Deadline::within(sandbox::Limits limits) const {
  limits.wall_s = std::min(limits.wall_s, std::max(left(), 0.05));
  return limits;
}

ProgramBox::ProgramBox(sandbox::Sandbox& sandbox, sandbox::BoxOptions options, bool fresh_box)
    : sandbox_(sandbox), options_(std::move(options)), fresh_box_(fresh_box) {}

bool ProgramBox::open(std::string& why) {
  if (fresh_box_) box_.reset();
  if (!box_) box_ = sandbox_.open(options_, why);
  return box_ != nullptr;
}

sandbox::Outcome ProgramBox::run_opened(const sandbox::Run& run) {
  sandbox::Outcome outcome = box_->run(run);
  if (outcome.outcome == sandbox::OutcomeKind::not_started) box_.reset();
  return outcome;
}

sandbox::Outcome ProgramBox::run(const sandbox::Run& run) {
  sandbox::Outcome outcome;
  for (int attempt = 0; attempt < 2; ++attempt) {
    outcome = {};
    if (open(outcome.message)) outcome = run_opened(run);
    if (outcome.outcome != sandbox::OutcomeKind::not_started) break;
  }
  return outcome;
}

}  // namespace reckon::rewards::code
