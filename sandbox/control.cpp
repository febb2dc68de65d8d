#include "sandbox/control.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cmath>
#include <cstring>

#include "core/error.h"

namespace reckon::sandbox {
namespace {

constexpr std::string_view kBox = "/box/";
constexpr int kMostDescriptors = 5;
constexpr uint64_t kStackBytes = uint64_t{64} << 20;

void set_limits(const Limits& limits, int64_t extra_processes, RunHeader& header) {
  const auto set = [&header](InitLimit which, int64_t value) {
    header.limits[which] = static_cast<uint64_t>(std::max(int64_t{0}, value));
  };
  set(limit_cpu_seconds, std::max(int64_t{1}, static_cast<int64_t>(std::ceil(limits.cpu_s))));
  set(limit_address_space, limits.address_space_bytes);
  set(limit_file_bytes, limits.file_bytes);
  set(limit_open_files, limits.open_files);
  set(limit_processes, limits.processes + extra_processes);
  header.limits[limit_stack_bytes] = kStackBytes;
}

void set_collect(const std::string& path, RunHeader& header) {
  if (path.empty()) return;
  const std::string name = path.starts_with(kBox) ? path.substr(kBox.size()) : "";
  check(!name.empty() && name.size() < sizeof header.collect && name.find('/') == name.npos,
        ErrorCode::invalid_argument, "expected a file of /box to collect, got {}", path);
  std::memcpy(header.collect, name.data(), name.size());
}

}  // namespace

bool Control::send(const Run& run, uint64_t number, int64_t extra_processes,
                   std::span<const int> descriptors) {
  RunHeader header;
  header.run = number;
  header.has_result = run.result_limit > 0;
  header.has_channel = run.channel >= 0;
  set_limits(run.limits, extra_processes, header);
  set_collect(run.collect, header);
  std::string words;
  for (const auto& word : run.argv) words.append(word.c_str(), word.size() + 1);
  header.argument_bytes = static_cast<uint32_t>(words.size());
  check(!run.argv.empty() && sizeof header + words.size() <= kMostMessageBytes,
        ErrorCode::invalid_argument, "expected arguments of at most {} bytes, got {}",
        kMostMessageBytes - sizeof header, words.size());

  iovec parts[2] = {{&header, sizeof header}, {words.data(), words.size()}};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int) * kMostDescriptors)] = {};
  msghdr message = {};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  message.msg_control = space;
  message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
  cmsghdr* entry = CMSG_FIRSTHDR(&message);
  entry->cmsg_level = SOL_SOCKET;
  entry->cmsg_type = SCM_RIGHTS;
  entry->cmsg_len = CMSG_LEN(descriptors.size_bytes());
  std::memcpy(CMSG_DATA(entry), descriptors.data(), descriptors.size_bytes());
  return ::sendmsg(fd(), &message, MSG_NOSIGNAL) > 0;
}

std::optional<ReceivedReport> Control::receive(int milliseconds) {
  pollfd watched = {fd(), POLLIN, 0};
  if (fd() < 0 || ::poll(&watched, 1, milliseconds) <= 0) return {};
  ReceivedReport received;
  iovec part = {&received.report, sizeof received.report};
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))];
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  const ssize_t got = ::recvmsg(fd(), &message, MSG_CMSG_CLOEXEC);
  if (const cmsghdr* entry = got < 0 ? nullptr : CMSG_FIRSTHDR(&message)) {
    int file = -1;
    if (entry->cmsg_len == CMSG_LEN(sizeof file)) {
      std::memcpy(&file, CMSG_DATA(entry), sizeof file);
    }
    received.file.reset(file);
  }
  if (got != sizeof received.report || received.report.magic != kInitMagic) return {};
  return received;
}

}  // namespace reckon::sandbox
