// A data set of JSON lines, as a task and as a log.
#include "core/jsonl.h"

#include <sys/mman.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "tasks/jsonl_task.h"
#include "tests/fuzz/fuzz_input.h"

using namespace reckon;

namespace {

/// A file that lives in memory.
class MemoryFile {
 public:
  MemoryFile() : fd_(memfd_create("input", MFD_CLOEXEC)) { fuzz::must(fd_ >= 0); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(fd_); }

  void assign(const std::uint8_t* data, std::size_t size) const {
    fuzz::must(::ftruncate(fd_, 0) == 0);
    fuzz::must(::pwrite(fd_, data, size, 0) == static_cast<ssize_t>(size));
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const MemoryFile file;
  file.assign(data, size);
  std::uint64_t lines = 0;
  const auto count = [&](const nlohmann::json&, std::uint64_t) { ++lines; };
  fuzz::may_refuse([&] { for_each_jsonl(file.path(), count, JsonlMode::tolerant); });
  fuzz::must(lines <= size);
  fuzz::may_refuse([&] {
    tasks::JsonlConfig config;
    config.path = file.path();
    config.dataset_difficulty_column = "/extra/level";
    config.held_out_fraction = 0.5;
    const tasks::JsonlTask task(config, {"/task", "input", 1, 0});
    const auto problems = task.held_out(task.num_held_out());
    for (const auto& problem : problems) fuzz::must(problem.columns != nullptr);
    fuzz::may_refuse([&] { task.at(3); });
  });
  return 0;
}
