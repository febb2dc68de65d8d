#include "rewards/judge/server.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/json.h"
#include "rewards/judge/answer_json.h"

namespace reckon::rewards {

namespace {

/// How long programs in sandboxes may still take when the trainer has gone.
constexpr std::chrono::milliseconds kGrace{300};

WorkerPoolOptions worker_options(const JudgeOptions& options) {
  WorkerPoolOptions pool;
  pool.workers = options.workers;
  pool.command = {options.program.string(), "--worker"};
  pool.address_space_bytes = RECKON_WORKER_ADDRESS_SPACE;
  return pool;
}

}  // namespace

Server::Server(sandbox::UniqueFd client, const JudgeOptions& options, const JudgeParts& parts)
    : parts_(parts),
      client_(std::move(client)),
      workers_(worker_options(options),
               [this](uint64_t id, std::string_view body) { answer(id, body); }),
      sandboxes_(options.sandboxes, options.best_effort, parts,
                 [this](uint64_t id, std::string_view body) { answer(id, body); }),
      programs_([this](uint64_t id, std::string_view body) { answer(id, body); }) {}

bool Server::run() {
  try {
    while (open_) {
      PollSet polls;
      workers_.prepare(polls);
      sandboxes_.prepare(polls);
      programs_.prepare(polls);
      if (!client_.flush()) break;
      const short events = client_.has_pending() ? POLLIN | POLLOUT : POLLIN;
      polls.watch(client_.fd(), events, [this] { receive(); });
      polls.wait();
    }
  } catch (const Error& error) {
    fail_all(error);
  }
  return finish();
}

void Server::answer(uint64_t id, std::string_view body) {
  append_frame(client_.pending(), id, body);
}

void Server::receive() {
  std::string bytes;
  open_ = client_.receive(bytes);
  reader_.add(bytes);
  while (const auto frame = reader_.next()) take(*frame);
}

void Server::take(const Frame& frame) {
  try {
    const auto [name, text] = split_request(frame.body);
    if (name == "external") {
      programs_.submit(frame.id, nlohmann::json::parse(text));
      return;
    }
    const auto* kind = find_kind(parts_.kinds, name);
    check(kind, ErrorCode::unsupported, "expected a kind of request that this judge knows, got {}",
          name);
    if (kind->in_worker) {
      workers_.submit(frame.id, std::string(frame.body));
    } else {
      sandboxes_.submit(frame.id, *kind, nlohmann::json::parse(text));
    }
  } catch (const Error& error) {
    answer(frame.id, json_text(error_json(error)));
  } catch (const nlohmann::json::exception& error) {
    const Error wrong(
        ErrorCode::invalid_argument,
        fmt::format("expected a request as JSON, got one with a fault: {}", error.what()));
    answer(frame.id, json_text(error_json(wrong)));
  }
}

void Server::fail_all(const Error& error) {
  answer(0, json_text(error_json(error)));  // id 0: all that is under way
  client_.flush();
}

bool Server::finish() {
  programs_.end();
  const auto end = Clock::now() + kGrace;
  bool idle = sandboxes_.cancel();
  while (!idle && Clock::now() < end) {
    PollSet polls;
    polls.wake_at(std::min(end, Clock::now() + std::chrono::milliseconds(10)));
    polls.wait();
    idle = sandboxes_.cancel();
  }
  return idle;
}

}  // namespace reckon::rewards
