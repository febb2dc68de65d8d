#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sandbox/sandbox.h"

namespace reckon::sandbox {

/// The place of a box on a machine where no bubblewrap runs: a temporary folder of the host, with
/// /prog and /box below it. It isolates nothing. Removed with the object.
class BareFolder {
 public:
  /// Writes the files. `user` owns the writable part; 0: the caller. Throws Error(io).
  BareFolder(const std::vector<File>& files, uint32_t user);
  BareFolder(const BareFolder&) = delete;
  BareFolder& operator=(const BareFolder&) = delete;
  ~BareFolder();

  std::string box() const { return (path_ / "box").string(); }
  /// The words with paths of the box (/prog/..., /box/...) replaced by where they are.
  std::vector<std::string> placed(std::vector<std::string> words) const;
  /// What programs find in their environment.
  static std::vector<std::string> environment(const std::string& box);

 private:
  std::filesystem::path path_;
};

}  // namespace reckon::sandbox
