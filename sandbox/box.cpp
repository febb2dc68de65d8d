#include "sandbox/box.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "core/error.h"
#include "sandbox/group_files.h"
#include "sandbox/verdict.h"

namespace reckon::sandbox {
namespace {

constexpr int kReadyMs = 5000;
constexpr int kCleanMs = 2000;
constexpr int kKilledMs = 5000;
constexpr int kEmptyMs = 1000;
// The kernel's limit of a user's processes counts init too. Where a group counts, it is only a
// backstop: the group's count is the one that records a refusal.
constexpr int64_t kInitProcesses = 1;
constexpr int64_t kBackstopProcesses = 16;

bool readable_within(int fd, int milliseconds) {
  pollfd watched = {fd, POLLIN, 0};
  return ::poll(&watched, 1, milliseconds) > 0;
}

std::string text_of(int fd) {
  std::array<char, 4096> block;
  const ssize_t got = ::pread(fd, block.data(), block.size(), 0);
  return std::string(block.data(), static_cast<size_t>(std::max<ssize_t>(got, 0)));
}

// The collected file's bytes. It came from the box: it is read once, to a cap, never by its name.
std::string read_collected(int fd, int64_t most) {
  std::string bytes;
  std::vector<char> block(size_t{256} << 10);
  while (static_cast<int64_t>(bytes.size()) < most) {
    const ssize_t got = ::pread(fd, block.data(), block.size(), static_cast<off_t>(bytes.size()));
    if (got <= 0) break;
    bytes.append(block.data(), static_cast<size_t>(got));
  }
  if (static_cast<int64_t>(bytes.size()) > most) bytes.clear();
  return bytes;
}

}  // namespace

BubblewrapBox::BubblewrapBox(const BoxBase& base, Slot& slot, BoxOptions options,
                             std::function<void()> on_close)
    : base_(base), slot_(slot), options_(std::move(options)), on_close_(std::move(on_close)) {}

BubblewrapBox::~BubblewrapBox() {
  teardown();
  on_close_();
}

bool BubblewrapBox::launch(std::string& why) {
  // Step 1. Channels to init and from bubblewrap.
  int pair[2];
  check(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0, ErrorCode::io,
        "expected a pair of sockets, got: {}", std::strerror(errno));
  control_ = Control(UniqueFd(pair[0]));
  const UniqueFd init_end(pair[1]);
  Pipe status = make_pipe(false);
  status_ = std::move(status.reading);
  errors_ = UniqueFd(::memfd_create("errors", MFD_CLOEXEC));
  // Step 2. Limits of the group hold from the first process on.
  limit(options_.limits);
  // Step 3. Start.
  BubblewrapPlan plan{options_.files,           base_.init_bytes,     base_.filter,
                      options_.limits.disk_bytes, status.writing.get(), init_end.get()};
  const BubblewrapCommand command = bubblewrap_command(plan);
  ChildOptions child;
  child.argv = command.argv;
  child.inherited = command.inherited;
  child.error = errors_.get();
  child.folder = "/";
  try {
    bubblewrap_ = slot_.start(child);
  } catch (const Error& error) {
    why = error.what();
    return false;
  }
  status.writing.reset();
  // Step 4. Wait for init.
  if (ready(why)) return true;
  teardown();
  return false;
}

// Whether init has spoken and is held by a descriptor.
bool BubblewrapBox::ready(std::string& why) {
  pollfd watched[2] = {{control_.fd(), POLLIN, 0}, {bubblewrap_.pidfd(), POLLIN, 0}};
  const int events = ::poll(watched, 2, kReadyMs);
  const auto message = watched[0].revents != 0 ? control_.receive(0) : std::nullopt;
  std::array<char, 1024> block;
  const ssize_t got = ::read(status_.get(), block.data(), block.size());
  const std::string status(block.data(), static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (message && message->report.kind == InitMessage::ready && open_init(status)) return true;
  why = events == 0 ? "the box was not ready in time" : "the box could not be set up";
  const std::string said = text_of(errors_.get());
  if (!said.empty()) why += ": " + said.substr(0, said.find('\n'));
  return false;
}

// bubblewrap's first document names the host's number of init: {"child-pid": 123, ...}.
bool BubblewrapBox::open_init(const std::string& status) {
  constexpr std::string_view kKey = "\"child-pid\":";
  const size_t at = status.find(kKey);
  if (at == std::string::npos) return false;
  const char* begin = status.data() + at + kKey.size();
  while (*begin == ' ') ++begin;
  pid_t pid = 0;
  std::from_chars(begin, status.data() + status.size(), pid);
  if (pid <= 0) return false;
  init_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  // The number may have been given to another process: it must be bubblewrap's child.
  const std::string stat = read_control(fmt::format("/proc/{}/stat", pid));
  const std::string parent = fmt::format("{} ", bubblewrap_.pid());
  const size_t name_end = stat.rfind(')');  // then a blank, the state, a blank, the parent
  const bool is_child = name_end != std::string::npos && stat.size() > name_end + 4 &&
                        stat.compare(name_end + 4, parent.size(), parent) == 0;
  tree_ = ProcessTree(pid);
  return init_ && is_child;
}

void BubblewrapBox::limit(const Limits& limits) {
  if (Group* group = slot_.group()) group->limit(limits.memory_bytes, limits.processes);
}

GroupUsage BubblewrapBox::usage() {
  Group* group = slot_.group();
  return group ? group->usage() : tree_.usage();
}

// Whether init has emptied /box after the run before.
bool BubblewrapBox::wait_clean() {
  if (!dirty_) return true;
  const auto message = control_.receive(kCleanMs);
  dirty_ = !(message && message->report.kind == InitMessage::clean);
  return !dirty_;
}

// Fresh pipes; the program's ends go to init and are closed here.
Streams BubblewrapBox::start(const Run& run, bool& sent) {
  Pipe input = make_pipe(true), output = make_pipe(false), error = make_pipe(false), result;
  std::vector<int> given = {input.reading.get(), output.writing.get(), error.writing.get()};
  if (run.result_limit > 0) {
    result = make_pipe(false);
    given.push_back(result.writing.get());
  }
  if (run.channel >= 0) given.push_back(run.channel);
  const int64_t extra = slot_.group() ? kBackstopProcesses : kInitProcesses;
  sent = control_.send(run, ++number_, extra, given);
  return {Feeder(std::move(input.writing), run.input),
          Collector(std::move(output.reading), run.limits.stdout_bytes),
          Collector(std::move(error.reading), run.limits.stderr_bytes),
          Collector(std::move(result.reading), run.result_limit)};
}

Outcome BubblewrapBox::run(const Run& run) {
  Outcome outcome;
  outcome.backend = base_.backend;
  outcome.layers = base_.layers;
  // Step 1. A box that a limit has ended, or that does not get clean, is made anew.
  if (!bubblewrap_.running() || !wait_clean()) {
    teardown();
    if (!launch(outcome.message)) return outcome;
  }
  limit(run.limits);
  if (Group* group = slot_.group()) {
    group->start_count();
  } else {
    tree_.start_count();
  }
  // Step 2. Run.
  const BlockedSigpipe no_signal;
  bool sent = false;
  Streams streams = start(run, sent);
  dirty_ = true;
  const bool counted = slot_.group() != nullptr;
  Ending ending;
  if (sent) ending = supervise(control_, streams, run, counted, [this] { return usage(); });
  // Step 3. Whatever was broken or lost, no process is left before the rest is read.
  Evidence evidence;
  evidence.counted = counted;
  evidence.usage = usage();
  const bool trusted = ending.report && ending.report->report.kind == InitMessage::done &&
                       ending.report->report.run == number_;
  if (!trusted) teardown();
  const auto late = drain(streams);
  evidence.killed = ending.killed ? ending.killed : late;
  if (trusted) {
    evidence.report = ending.report->report;
    if (ending.report->file) {
      outcome.collected_bytes = read_collected(ending.report->file.get(), run.limits.file_bytes);
    }
  }
  // Step 4. Outcome.
  outcome.wall_s = ending.wall_s;
  outcome.truncated = streams.output.over() || streams.error.over() || streams.result.over();
  outcome.stdout_bytes = streams.output.take();
  outcome.stderr_bytes = streams.error.take();
  outcome.result_bytes = streams.result.take();
  decide(evidence, run.limits, outcome);
  return outcome;
}

// Ends everything in the box, each step within a bound.
void BubblewrapBox::teardown() {
  // Step 1. The end of init is the end of its namespace: the kernel kills and reaps all in it.
  if (init_) {
    ::syscall(SYS_pidfd_send_signal, init_.get(), SIGKILL, nullptr, 0);
    readable_within(init_.get(), kKilledMs);
  }
  control_.close();
  // Step 2. bubblewrap reaps init and ends; killed at once it would leave init to the host to reap.
  Group* group = slot_.group();
  if (bubblewrap_.running()) {
    if (!init_ || !readable_within(bubblewrap_.pidfd(), kEmptyMs)) {
      if (group != nullptr) group->kill();
      bubblewrap_.kill();
    }
    bubblewrap_.wait();
  }
  // Step 3. Nobody is left in the group.
  if (group != nullptr) group->wait_empty(kEmptyMs);
  init_.reset();
  status_.reset();
  errors_.reset();
  dirty_ = false;
}

}  // namespace reckon::sandbox
