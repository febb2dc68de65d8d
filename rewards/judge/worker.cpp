#include "rewards/judge/worker.h"

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string>

#include "core/error.h"
#include "core/json.h"
#include "rewards/judge/answer_json.h"
#include "rewards/judge/frames.h"
#include "rewards/verdict_json.h"

namespace reckon::rewards {

namespace {

nlohmann::json answer(std::span<const RequestKind> kinds, std::string_view body) {
  try {
    const auto [name, text] = split_request(body);
    const auto* kind = find_kind(kinds, name);
    check(kind && kind->in_worker, ErrorCode::invalid_argument,
          "expected a kind that workers grade, got {}, in a request", name);
    return verdict_json(kind->in_worker(nlohmann::json::parse(text)));
  } catch (const Error& error) {
    return error_json(error);
  } catch (const nlohmann::json::exception& error) {
    return error_json(
        Error(ErrorCode::invalid_argument,
              fmt::format("expected a request, got one with a fault: {}", error.what())));
  }
}

bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(0, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

bool read_some(std::string& into) {
  into.resize(64 << 10);
  ssize_t count = 0;
  do {
    count = ::read(0, into.data(), into.size());
  } while (count < 0 && errno == EINTR);
  into.resize(static_cast<size_t>(std::max<ssize_t>(count, 0)));
  return count > 0;
}

}  // namespace

int worker_main(std::span<const RequestKind> kinds) {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::close_range(1, ~0U, 0);
  std::string out, bytes;
  append_frame(out, 0, "");
  if (!write_all(out)) return 0;
  FrameReader reader;
  while (read_some(bytes)) {
    reader.add(bytes);
    while (const auto frame = reader.next()) {
      out.clear();
      append_frame(out, frame->id, json_text(answer(kinds, frame->body)));
      // The parent times each request by the answer to the one before, so answers do not wait.
      if (!write_all(out)) return 0;
    }
  }
  return 0;
}

}  // namespace reckon::rewards
