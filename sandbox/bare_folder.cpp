#include "sandbox/bare_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/error.h"

namespace reckon::sandbox {

namespace fs = std::filesystem;

BareFolder::BareFolder(const std::vector<File>& files, uint32_t user) {
  std::string name = (fs::temp_directory_path() / "reckon-box-XXXXXX").string();
  check(::mkdtemp(name.data()) != nullptr, ErrorCode::io, "expected a temporary folder, got: {}",
        std::strerror(errno));
  path_ = name;
  ::chmod(name.c_str(), 0755);
  fs::create_directory(path_ / "box");
  if (user != 0) {
    const bool given = ::chown(box().c_str(), user, user) == 0;
    check(given, ErrorCode::io, "expected to give {} away, got: {}", box(), std::strerror(errno));
  }
  for (const File& file : files) {
    const fs::path path = path_ / fs::path(file.path).relative_path();
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << file.bytes;
    ::chmod(path.c_str(), file.executable ? 0555 : 0444);
  }
}

BareFolder::~BareFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::vector<std::string> BareFolder::placed(std::vector<std::string> words) const {
  for (std::string& word : words) {
    for (const std::string_view place : {"/prog/", "/box/"}) {
      for (size_t at = word.find(place); at != std::string::npos;
           at = word.find(place, at + path_.native().size() + place.size())) {
        word.insert(at, path_.native());
      }
    }
  }
  return words;
}

std::vector<std::string> BareFolder::environment(const std::string& box) {
  return {"PATH=/usr/local/bin:/usr/bin:/bin",
          "HOME=" + box,
          "TMPDIR=" + box,
          "LANG=C.UTF-8",
          "PYTHONHASHSEED=0",
          "OMP_NUM_THREADS=1"};
}

}  // namespace reckon::sandbox
