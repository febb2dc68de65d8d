#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace reckon::watch {

/// What tells one state of a file from another without reading it.
struct FileStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t size = 0;
  int64_t changed = 0;  ///< nanoseconds of the last change of its content

  bool operator==(const FileStamp&) const = default;
};

/// The stamp of the regular file at `path`; nothing where there is none. Never throws.
std::optional<FileStamp> stamp_of(const std::filesystem::path& path);

/// Whether `path` exists and, with all symbolic links followed, lies in `root`. Never throws.
bool stays_inside(const std::filesystem::path& root, const std::filesystem::path& path);

/// Takes a line without its end, and the byte at which it begins. False ends the reading.
using LineCallback = std::function<bool(std::string_view line, uint64_t offset)>;

/// Calls `callback` for the whole lines in bytes `begin` to `end` of a file, in pieces; a last line
/// without its end is left out, and lines over 16 MiB are jumped over. Returns where the next line
/// begins. Throws Error(io) where the file cannot be read. Thread-safe.
uint64_t for_each_line(const std::filesystem::path& file, uint64_t begin, uint64_t end,
                       const LineCallback& callback);

/// Follows a file of lines that another program appends to, cuts short on going on from a
/// checkpoint, replaces or removes. Not thread-safe.
class GrowingFile {
 public:
  explicit GrowingFile(std::filesystem::path path) : path_(std::move(path)) {}

  /// Reads the lines that came since the last call. If what was read before is no longer the
  /// beginning of the file, calls `begin_again` and reads all of it. Throws Error(io).
  void read(const std::function<void()>& begin_again,
            const std::function<void(std::string_view line, uint64_t offset)>& callback);

  /// Bytes read so far: where the next line begins.
  uint64_t offset() const { return offset_; }
  bool exists() const { return exists_; }
  /// Whether the file ended in the middle of a line.
  bool torn() const { return torn_; }

 private:
  void forget();

  std::filesystem::path path_;
  uint64_t offset_ = 0;
  uint64_t inode_ = 0;
  std::string tail_;  // the last bytes before offset_
  bool exists_ = false;
  bool torn_ = false;
};

}  // namespace reckon::watch
