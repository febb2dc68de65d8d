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
constexpr int64_t kOthersOfUser = 2048;

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

std::string Features::names() const {
  std::string text = bubblewrap ? "bubblewrap," : "";
  if (bubblewrap && no_userns) text += "no_userns,";
  if (bubblewrap && seccomp) text += "seccomp,";
  return text + "init";
}

SlotBox::SlotBox(const BoxBase& base, Slot& slot, BoxOptions options,
                 std::function<void()> on_close)
    : base_(base), slot_(slot), options_(std::move(options)), on_close_(std::move(on_close)) {}

SlotBox::~SlotBox() {
  teardown();
  on_close_();
}

bool SlotBox::launch(std::string& why) {
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
  try {
    starter_ = slot_.start(command(status.writing.get(), init_end.get()));
  } catch (const Error& error) {
    why = error.what();
    return false;
  }
  status.writing.reset();
  // Step 4. Wait for init.
  const bool started = ready(why);
  kept_.clear();
  if (!started) teardown();
  return started;
}

ChildOptions SlotBox::command(int status, int control) {
  ChildOptions child;
  child.error = errors_.get();
  child.folder = "/";
  if (!base_.features.bubblewrap) {
    folder_ = std::make_unique<BareFolder>(options_.files, slot_.user());
    child.argv = {base_.init_path.string(), fmt::format("{}", control), folder_->box()};
    child.inherited = {control};
    child.environment = BareFolder::environment(folder_->box());
    return child;
  }
  BubblewrapPlan plan;
  plan.files = options_.files;
  if (base_.init_is_public) {
    plan.init_path = base_.init_path;
  } else {
    plan.init_bytes = base_.init_bytes;
  }
  if (base_.features.seccomp) plan.filter = base_.filter;
  plan.further_namespaces = !base_.features.no_userns;
  plan.disk_bytes = options_.limits.disk_bytes;
  // Where no group counts its pages, the folder must not hold more than the memory allowed.
  if (slot_.group() == nullptr) {
    plan.disk_bytes = std::min(plan.disk_bytes, options_.limits.memory_bytes);
  }
  plan.status = status;
  plan.control = control;
  BubblewrapCommand command = bubblewrap_command(plan);
  child.argv = std::move(command.argv);
  child.inherited = std::move(command.inherited);
  kept_ = std::move(command.kept);
  return child;
}

// Whether init has spoken and is held by a descriptor.
bool SlotBox::ready(std::string& why) {
  pollfd watched[2] = {{control_.fd(), POLLIN, 0}, {starter_.pidfd(), POLLIN, 0}};
  const int events = ::poll(watched, 2, kReadyMs);
  const auto message = watched[0].revents != 0 ? control_.receive(0) : std::nullopt;
  std::array<char, 1024> block;
  const ssize_t got = ::read(status_.get(), block.data(), block.size());
  const std::string status(block.data(), static_cast<size_t>(std::max<ssize_t>(got, 0)));
  const bool spoke = message && message->report.kind == InitMessage::ready;
  if (spoke && !base_.features.bubblewrap) {
    tree_ = ProcessTree(starter_.pid());
    return true;
  }
  if (spoke && open_init(status)) return true;
  why = events == 0 ? "the box was not ready in time" : "the box could not be set up";
  const std::string said = text_of(errors_.get());
  if (!said.empty()) why += ": " + said.substr(0, said.find('\n'));
  return false;
}

// bubblewrap's first document names the host's number of init: {"child-pid": 123, ...}.
bool SlotBox::open_init(const std::string& status) {
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
  const std::string parent = fmt::format("{} ", starter_.pid());
  const size_t name_end = stat.rfind(')');  // then a blank, the state, a blank, the parent
  const bool is_child = name_end != std::string::npos && stat.size() > name_end + 4 &&
                        stat.compare(name_end + 4, parent.size(), parent) == 0;
  tree_ = ProcessTree(pid);
  return init_ && is_child;
}

void SlotBox::limit(const Limits& limits) {
  if (Group* group = slot_.group()) group->limit(limits.memory_bytes, limits.processes);
}

GroupUsage SlotBox::usage() {
  Group* group = slot_.group();
  return group ? group->usage() : tree_.usage();
}

// Whether init has emptied /box after the run before.
bool SlotBox::wait_clean() {
  if (!dirty_) return true;
  const auto message = control_.receive(kCleanMs);
  dirty_ = !(message && message->report.kind == InitMessage::clean);
  return !dirty_;
}

// Fresh pipes; the program's ends go to init and are closed here.
Streams SlotBox::start(const Run& run, bool& sent) {
  Pipe input = make_pipe(true), output = make_pipe(false), error = make_pipe(false), result;
  std::vector<int> given = {input.reading.get(), output.writing.get(), error.writing.get()};
  if (run.result_limit > 0) {
    result = make_pipe(false);
    given.push_back(result.writing.get());
  }
  if (run.channel >= 0) given.push_back(run.channel);
  int64_t extra = slot_.group() ? kBackstopProcesses : kInitProcesses;
  // Without namespaces the kernel counts all processes of the user, also those outside.
  if (folder_) extra += kOthersOfUser;
  Run placed = run;
  if (folder_) placed.argv = folder_->placed(run.argv);
  sent = control_.send(placed, ++number_, extra, given);
  return {Feeder(std::move(input.writing), run.input, run.input_source),
          Collector(std::move(output.reading), run.limits.stdout_bytes),
          Collector(std::move(error.reading), run.limits.stderr_bytes),
          Collector(std::move(result.reading), run.result_limit)};
}

Outcome SlotBox::run(const Run& run) {
  Outcome outcome;
  outcome.backend = base_.backend;
  outcome.layers = base_.features.names();
  // Step 1. A box that a limit has ended, or that does not get clean, is made anew.
  if (!starter_.running() || !wait_clean()) {
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
  if (sent) {
    ending = supervise(control_, streams, run, counted, [this] { return usage(); }, base_.stop);
  }
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
void SlotBox::teardown() {
  // Step 1. The end of init is the end of its namespace: the kernel kills and reaps all in it.
  if (init_) {
    ::syscall(SYS_pidfd_send_signal, init_.get(), SIGKILL, nullptr, 0);
    readable_within(init_.get(), kKilledMs);
  }
  control_.close();  // without namespaces this is what ends init, which kills the others first
  if (folder_ && starter_.running()) readable_within(starter_.pidfd(), kKilledMs);
  // Step 2. bubblewrap reaps init and ends; killed at once it would leave init to the host to reap.
  Group* group = slot_.group();
  if (starter_.running()) {
    // A folder of a million files takes the kernel seconds to take apart.
    if (!init_ || !readable_within(starter_.pidfd(), kKilledMs)) {
      if (group != nullptr) group->kill();
      starter_.kill();
    }
    starter_.wait();
  }
  // Step 3. Nobody is left in the group.
  if (group != nullptr) group->wait_empty(kEmptyMs);
  init_.reset();
  status_.reset();
  errors_.reset();
  folder_.reset();
  dirty_ = false;
}

}  // namespace reckon::sandbox
