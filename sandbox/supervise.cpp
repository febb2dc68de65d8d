#include "sandbox/supervise.h"

#include <poll.h>

#include <algorithm>
#include <chrono>

namespace reckon::sandbox {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kPollGroup = 50ms;
constexpr auto kPollTree = 20ms;  // nothing but this poll bounds memory there
constexpr auto kDrain = 2s;
constexpr int64_t kMostDropped = int64_t{16} << 20;  // of standard error, beyond its cap

double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

std::optional<OutcomeKind> broken_output(const Streams& streams) {
  if (streams.output.over() || streams.error.seen() > kMostDropped) {
    return OutcomeKind::output_limit;
  }
  if (streams.result.over()) return OutcomeKind::protocol_error;
  return {};
}

std::optional<OutcomeKind> broken_usage(const GroupUsage& usage, const Limits& limits,
                                        bool counted) {
  if (usage.oom_kills > 0) return OutcomeKind::memory_limit;
  if (!counted && usage.peak_memory_bytes > limits.memory_bytes) return OutcomeKind::memory_limit;
  if (usage.cpu_s > limits.cpu_s) return OutcomeKind::cpu_limit;
  return {};
}

// Waits for any descriptor, at most until `until`; moves the bytes. Says whether init has spoken.
bool move_bytes(int control, Streams& streams, Clock::time_point until) {
  pollfd watched[6];
  nfds_t count = 0;
  const auto watch = [&](int fd, short events) { watched[count++] = {fd, events, 0}; };
  watch(control, POLLIN);
  watch(streams.input.fd(), POLLOUT);  // negative ones are passed over
  watch(streams.output.fd(), POLLIN);
  watch(streams.error.fd(), POLLIN);
  watch(streams.result.fd(), POLLIN);
  watch(streams.input.source(), POLLIN);
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count() + 1;
  if (::poll(watched, count, static_cast<int>(std::clamp<int64_t>(left, 0, 60'000))) <= 0) {
    return false;
  }
  if (watched[1].revents != 0) streams.input.write_some();
  if (watched[2].revents != 0) streams.output.read_some();
  if (watched[3].revents != 0) streams.error.read_some();
  if (watched[4].revents != 0) streams.result.read_some();
  if (watched[5].revents != 0) streams.input.read_source();
  return watched[0].revents != 0;
}

}  // namespace

Ending supervise(Control& control, Streams& streams, const Run& run, bool counted,
                 const std::function<GroupUsage()>& usage, const std::function<bool()>& stop) {
  const auto begin = Clock::now();
  const auto deadline = begin + std::chrono::duration_cast<Clock::duration>(
                                    std::chrono::duration<double>(run.limits.wall_s));
  const auto interval = counted ? kPollGroup : kPollTree;
  auto next_usage = begin + interval;
  Ending ending;
  while (!ending.killed && !ending.report) {
    if (move_bytes(control.fd(), streams, std::min(next_usage, deadline))) {
      ending.report = control.receive(0);
      break;  // without a report init is lost
    }
    ending.killed = broken_output(streams);
    const auto now = Clock::now();
    if (!ending.killed && stop && stop()) ending.killed = OutcomeKind::cancelled;
    if (!ending.killed && now >= next_usage) {
      ending.killed = broken_usage(usage(), run.limits, counted);
      next_usage = now + interval;
    }
    if (!ending.killed && now >= deadline) ending.killed = OutcomeKind::time_limit;
  }
  ending.wall_s = seconds(Clock::now() - begin);
  return ending;
}

std::optional<OutcomeKind> drain(Streams& streams) {
  const auto end = Clock::now() + kDrain;
  for (Collector* one : {&streams.output, &streams.error, &streams.result}) {
    while (one->open() && Clock::now() < end) {
      pollfd watched = {one->fd(), POLLIN, 0};
      if (::poll(&watched, 1, 50) > 0) one->read_some();
    }
  }
  return broken_output(streams);
}

}  // namespace reckon::sandbox
