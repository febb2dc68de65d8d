#include "rewards/judge/connection.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "core/json.h"
#include "core/log.h"
#include "rewards/judge/answer_json.h"
#include "rewards/judge/judge_program.h"

namespace reckon::rewards {

namespace {

/// How long a judge may take to end by itself.
constexpr std::chrono::milliseconds kGrace{2000};
/// How often a request is sent before the judge is given up.
constexpr int kMaxSends = 2;

std::string error_body(const Error& error) { return json_text(error_json(error)); }

}  // namespace

/// What one call of `ask` waits for.
struct JudgeClient::Connection::Batch {
  std::vector<std::string> bodies;
  std::vector<std::string> answers;
  size_t missing = 0;
};

/// A request without an answer.
struct JudgeClient::Connection::Waiting {
  Batch* batch = nullptr;
  size_t index = 0;
  int sends = 0;
};

JudgeClient::Connection::Connection(const JudgeOptions& options)
    : options_(options), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

JudgeClient::Connection::~Connection() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake();
  if (thread_.joinable()) thread_.join();
}

std::vector<std::string> JudgeClient::Connection::ask(std::vector<std::string> bodies) {
  Batch batch{std::move(bodies), {}, 0};
  batch.answers.resize(batch.bodies.size());
  batch.missing = batch.bodies.size();
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  for (size_t i = 0; i < batch.bodies.size(); ++i) {
    unsent_.push_back(next_id_);
    waiting_.emplace(next_id_++, Waiting{&batch, i, 0});
  }
  wake();
  answered_.wait(lock, [&] { return batch.missing == 0; });
  return std::move(batch.answers);
}

void JudgeClient::Connection::run() {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (ending_) break;
    }
    try {
      serve();
    } catch (const Error& error) {
      fail_all(error);
    }
  }
  end_judge();
}

void JudgeClient::Connection::serve() {
  write_new();
  bool alive = true;
  PollSet polls;
  polls.watch(wake_.get(), POLLIN, [this] {
    uint64_t count = 0;
    [[maybe_unused]] const auto read = ::read(wake_.get(), &count, sizeof count);
  });
  if (channel_.is_open()) {
    alive = channel_.flush();
    const short events = channel_.has_pending() ? POLLIN | POLLOUT : POLLIN;
    polls.watch(channel_.fd(), events, [&] { alive = read_answers(); });
  }
  if (alive) polls.wait();
  if (!alive) {
    read_answers();
    ask_again();
  }
}

void JudgeClient::Connection::start_judge() {
  auto [ours, theirs] = socket_pair();
  sandbox::ChildOptions child;
  child.argv = {judge_program(options_).string(), "--workers", std::to_string(options_.workers),
                "--sandboxes", std::to_string(options_.sandboxes)};
  if (options_.best_effort) child.argv.emplace_back("--best-effort");
  child.keep_environment = true;
  child.input = theirs.get();
  // The judge ends when its end of the line is closed, whichever thread of ours lives.
  child.die_with_parent = false;
  process_ = sandbox::ChildProcess(child);
  channel_ = Channel(std::move(ours));
  reader_ = FrameReader();
}

void JudgeClient::Connection::end_judge() {
  channel_.close();
  if (!process_.running()) return;
  bool ended = false;
  PollSet polls;
  polls.watch(process_.pidfd(), POLLIN, [&] { ended = true; });
  polls.wake_at(Clock::now() + kGrace);
  polls.wait();
  if (!ended) process_.kill();
  process_.wait();
}

void JudgeClient::Connection::write_new() {
  std::unique_lock lock(mutex_);
  if (unsent_.empty()) return;
  if (!channel_.is_open()) {
    lock.unlock();
    start_judge();
    lock.lock();
  }
  for (const uint64_t id : unsent_) {
    Waiting& request = waiting_.at(id);
    ++request.sends;
    append_frame(channel_.pending(), id, request.batch->bodies[request.index]);
  }
  unsent_.clear();
}

bool JudgeClient::Connection::read_answers() {
  std::string bytes;
  const bool open = channel_.receive(bytes);
  reader_.add(bytes);
  const std::lock_guard lock(mutex_);
  while (const auto frame = reader_.next()) take(*frame);
  return open;
}

void JudgeClient::Connection::take(const Frame& frame) {
  if (frame.id == 0) {
    // The judge says why it cannot go on: everybody is told.
    for (auto& [id, request] : waiting_) {
      request.batch->answers[request.index] = frame.body;
      --request.batch->missing;
    }
    waiting_.clear();
    unsent_.clear();
    answered_.notify_all();
    return;
  }
  const auto found = waiting_.find(frame.id);
  if (found == waiting_.end()) return;
  Batch& batch = *found->second.batch;
  batch.answers[found->second.index] = frame.body;
  waiting_.erase(found);
  if (--batch.missing == 0) answered_.notify_all();
}

void JudgeClient::Connection::fail_all(const Error& error) {
  end_judge();
  const std::string body = error_body(error);
  const std::lock_guard lock(mutex_);
  take(Frame{0, body});
}

void JudgeClient::Connection::ask_again() {
  end_judge();
  const std::lock_guard lock(mutex_);
  unsent_.clear();
  const std::string body = error_body(
      Error(ErrorCode::internal, "expected answers from the judge, got its end, twice in a row"));
  for (auto request = waiting_.begin(); request != waiting_.end();) {
    auto& [id, waiting] = *request;
    if (waiting.sends < kMaxSends) {
      unsent_.push_back(id);
      ++request;
      continue;
    }
    waiting.batch->answers[waiting.index] = body;
    if (--waiting.batch->missing == 0) answered_.notify_all();
    request = waiting_.erase(request);
  }
  if (!unsent_.empty()) {
    log_warning("the judge ended; {} requests are asked again of a new one", unsent_.size());
  }
}

void JudgeClient::Connection::wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

}  // namespace reckon::rewards
