#include "rewards/judge/external_program.h"

#include <sys/wait.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/json.h"
#include "rewards/judge/answer_json.h"
#include "rewards/judge/external_answer.h"

namespace reckon::rewards {

namespace {

/// How much of its standard error is kept for messages.
constexpr size_t kErrorBytes = 4 << 10;
/// Longer lines are no answers.
constexpr size_t kMaxLineBytes = size_t{64} << 20;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string status_text(int status) {
  if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
  return fmt::format("exit status {}", WEXITSTATUS(status));
}

}  // namespace

ExternalProgram::ExternalProgram(ExternalOptions options, AnswerSink answer)
    : options_(std::move(options)),
      timeout_(std::chrono::duration_cast<Clock::duration>(
          std::chrono::duration<double>(std::min(options_.timeout_s, 1e6)))),
      name_(joined(options_.command)),
      answer_(std::move(answer)) {
  check(!options_.command.empty(), ErrorCode::invalid_argument,
        "expected a program and its arguments, got an empty list, in /command");
}

void ExternalProgram::submit(uint64_t id, const nlohmann::json& request) {
  if (failure_) throw *failure_;
  nlohmann::json sent = request;
  sent.erase("kind");
  sent.erase("program");
  check(sent.contains("completions") && sent["completions"].is_array(), ErrorCode::invalid_argument,
        "expected a list of completions, got none, in a request");
  waiting_.push_back({id, json_text(sent), sent["completions"].size(), 0, {}});
}

void ExternalProgram::prepare(PollSet& polls) {
  try {
    if (first_overdue() != under_way_.end()) bury(true);
    if (!waiting_.empty() && !process_.running()) start();
    hand_out();
    // A broken pipe is noticed by the end of the program.
    if (input_.is_open()) input_.flush();
  } catch (const Error& error) {
    give_up(error);
  }
  if (!process_.running()) return;
  if (input_.has_pending()) polls.watch(input_.fd(), POLLOUT, [] {});
  polls.watch(output_.fd(), POLLIN, [this] { receive_answers(); });
  // Something it started may keep its output open.
  polls.watch(process_.pidfd(), POLLIN, [this] {
    if (process_.running()) receive_answers();
    if (process_.running()) bury(false);
  });
  if (errors_.is_open()) polls.watch(errors_.fd(), POLLIN, [this] { receive_errors(); });
  for (const auto& [number, job] : under_way_) polls.wake_at(job.since + timeout_);
}

void ExternalProgram::start() {
  auto [their_input, our_input] = make_pipe();
  auto [our_output, their_output] = make_pipe();
  auto [our_errors, their_errors] = make_pipe();
  sandbox::ChildOptions child;
  child.argv = options_.command;
  child.keep_environment = true;
  child.input = their_input.get();
  child.output = their_output.get();
  child.error = their_errors.get();
  process_ = sandbox::ChildProcess(child);
  input_ = Channel(std::move(our_input));
  output_ = Channel(std::move(our_output));
  errors_ = Channel(std::move(our_errors));
  output_text_.clear();
  error_text_.clear();
  stray_.clear();
}

void ExternalProgram::hand_out() {
  while (!waiting_.empty() && under_way_.size() < static_cast<size_t>(options_.max_in_flight)) {
    const auto next =
        std::min_element(waiting_.begin(), waiting_.end(),
                         [](const Job& a, const Job& b) { return a.deaths < b.deaths; });
    if (next->deaths >= 2 && ever_answered_) {
      answer_nothing(*next, "the program ended twice over this (" + last_death_ + ")");
      waiting_.erase(next);
      continue;
    }
    // One that was there at a death goes alone, so that it cannot take others with it.
    const bool beside_suspect = !under_way_.empty() && under_way_.rbegin()->second.deaths > 0;
    if (beside_suspect || (next->deaths > 0 && !under_way_.empty())) return;
    Job job = std::move(*next);
    waiting_.erase(next);
    job.since = Clock::now();
    input_.pending() += fmt::format("{{\"id\":{},{}\n", next_number_, job.text.substr(1));
    under_way_.emplace(next_number_++, std::move(job));
  }
}

void ExternalProgram::receive_answers() {
  const bool open = output_.receive(output_text_);
  size_t begin = 0;
  for (size_t end; (end = output_text_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    take_line(std::string_view(output_text_).substr(begin, end - begin));
  }
  output_text_.erase(0, begin);
  if (!open || output_text_.size() > kMaxLineBytes) bury(false);
}

void ExternalProgram::receive_errors() {
  if (!errors_.receive(error_text_)) errors_.close();
  if (error_text_.size() > kErrorBytes) error_text_.erase(0, error_text_.size() - kErrorBytes);
}

void ExternalProgram::take_line(std::string_view line) {
  const auto reply = parse_external_line(line);
  const auto id = reply ? reply->find("id") : nlohmann::json::const_iterator();
  if (!reply || id == reply->end() || !id->is_number_unsigned() ||
      !under_way_.contains(id->get<uint64_t>())) {
    stray_ = line.substr(0, 200);
    return;
  }
  answer(id->get<uint64_t>(), *reply);
}

void ExternalProgram::answer(uint64_t number, const nlohmann::json& reply) {
  const auto job = under_way_.find(number);
  answer_(job->second.id, json_text(external_answer(reply, job->second.completions)));
  ever_answered_ = true;
  deaths_in_a_row_ = 0;
  // A program that takes one request after the other begins the later ones now.
  for (auto later = under_way_.erase(job); later != under_way_.end(); ++later) {
    later->second.since = Clock::now();
  }
}

void ExternalProgram::answer_nothing(const Job& job, const std::string& reason) {
  answer_(job.id, json_text(no_external_answer(reason, job.completions)));
}

std::map<uint64_t, ExternalProgram::Job>::iterator ExternalProgram::first_overdue() {
  const auto now = Clock::now();
  return std::find_if(under_way_.begin(), under_way_.end(),
                      [&](const auto& job) { return now >= job.second.since + timeout_; });
}

void ExternalProgram::bury(bool overdue) {
  // Step 1. End it and all it started, and read its last words.
  process_.kill();
  const int status = process_.wait();
  if (errors_.is_open()) receive_errors();
  input_.close();
  output_.close();
  errors_.close();
  if (under_way_.empty()) return;  // it ended with nothing to do; the next request starts it
  last_death_ = (overdue ? "no answer in time" : status_text(status)) + last_words();
  ++deaths_in_a_row_;
  // Step 2. The first that was late has no value: those behind it may have waited for it. The rest
  // is asked again.
  if (overdue) {
    const auto late = first_overdue();
    answer_nothing(late->second, fmt::format("timeout: no answer within {} s{}", options_.timeout_s,
                                             last_words()));
    under_way_.erase(late);
  }
  for (auto job = under_way_.rbegin(); job != under_way_.rend(); ++job) {
    if (!overdue) ++job->second.deaths;
    waiting_.push_front(std::move(job->second));
  }
  under_way_.clear();
  if (deaths_in_a_row_ <= options_.max_restarts) return;
  give_up(Error(ErrorCode::unsupported,
                fmt::format("expected a grader that answers, got the end of `{}` {} times in a row "
                            "({})",
                            name_, deaths_in_a_row_, last_death_)));
}

void ExternalProgram::give_up(const Error& error) {
  failure_ = error;
  const std::string body = json_text(error_json(error));
  for (const auto& [number, job] : under_way_) answer_(job.id, body);
  for (const auto& job : waiting_) answer_(job.id, body);
  under_way_.clear();
  waiting_.clear();
}

std::string ExternalProgram::last_words() const {
  std::string text;
  if (!stray_.empty()) text += "; a line that is no answer: " + stray_;
  std::string_view words = error_text_;
  while (words.ends_with('\n')) words.remove_suffix(1);
  if (!words.empty()) text += "; its standard error ends: " + std::string(words);
  return text;
}

}  // namespace reckon::rewards
