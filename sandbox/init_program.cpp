#include "sandbox/init_program.h"

#include <unistd.h>

#include <vector>

#include "core/error.h"
#include "sandbox/group_files.h"

namespace reckon::sandbox {

namespace fs = std::filesystem;

fs::path find_init_program(const fs::path& asked) {
  std::error_code none;
  const fs::path self = fs::read_symlink("/proc/self/exe", none);
  std::vector<fs::path> places = {asked};
  if (asked.empty()) places = {self.parent_path() / "reckon-init", RECKON_BUILT_INIT};
  for (const fs::path& place : places) {
    if (::access(place.c_str(), X_OK) == 0) return place;
  }
  fail(ErrorCode::not_found, "expected the program reckon-init, got none at {}",
       places.back().string());
}

bool is_public(const fs::path& path) {
  std::error_code none;
  const auto has = [&](const fs::path& at, fs::perms wanted) {
    return (fs::status(at, none).permissions() & wanted) == wanted;
  };
  const fs::path real = fs::canonical(path, none);
  if (none || !has(real, fs::perms::others_read | fs::perms::others_exec)) return false;
  for (fs::path folder = real.parent_path(); folder != folder.root_path();
       folder = folder.parent_path()) {
    if (!has(folder, fs::perms::others_exec)) return false;
  }
  return true;
}

std::string init_program_bytes(const fs::path& asked) {
  const fs::path path = find_init_program(asked);
  std::string bytes = read_control(path);
  check(!bytes.empty(), ErrorCode::io, "expected to read {}", path.string());
  return bytes;
}

}  // namespace reckon::sandbox
