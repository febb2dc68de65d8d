#include "watch/growing_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/error.h"

namespace reckon::watch {

namespace {

constexpr size_t kPiece = size_t{1} << 20;
constexpr size_t kMaxLine = size_t{16} << 20;
constexpr uint64_t kTail = 256;

/// A regular file, open for reading. Pipes and devices, on which a reader would hang, count as
/// missing.
class ReadableFile {
 public:
  explicit ReadableFile(const std::filesystem::path& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)), path_(path) {
    check(fd_ >= 0 || errno == ENOENT || errno == ENOTDIR, ErrorCode::io,
          "expected a readable file, got: {}, in {}", std::strerror(errno), path.string());
    struct stat status {};
    if (fd_ < 0) return;
    is_regular_ = ::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode);
    size_ = static_cast<uint64_t>(std::max<off_t>(0, status.st_size));
    inode_ = status.st_ino;
  }
  ReadableFile(const ReadableFile&) = delete;
  ReadableFile& operator=(const ReadableFile&) = delete;
  ~ReadableFile() {
    if (fd_ >= 0) ::close(fd_);
  }

  bool exists() const { return fd_ >= 0 && is_regular_; }
  int fd() const { return fd_; }
  uint64_t size() const { return size_; }
  uint64_t inode() const { return inode_; }

  // Up to `size` bytes from `offset`; fewer only at the end of the file.
  size_t read(char* bytes, size_t size, uint64_t offset) const {
    size_t done = 0;
    while (done < size) {
      const ssize_t got =
          ::pread(fd_, bytes + done, size - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      check(got >= 0, ErrorCode::io, "expected to read, got: {}, in {}", std::strerror(errno),
            path_.string());
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    return done;
  }

 private:
  int fd_;
  std::filesystem::path path_;
  bool is_regular_ = false;
  uint64_t size_ = 0;
  uint64_t inode_ = 0;
};

// Holds what was read of a line and is not whole yet.
struct Lines {
  std::string buffer;
  uint64_t offset = 0;    // of the buffer's first byte in the file
  bool skipping = false;  // inside a line that is too long

  // Takes whole lines from the front; false if the callback wants no more.
  bool take(const LineCallback& callback) {
    size_t begin = 0;
    bool go_on = true;
    while (go_on && begin < buffer.size()) {
      const void* found = std::memchr(buffer.data() + begin, '\n', buffer.size() - begin);
      if (found == nullptr) break;
      const auto end = static_cast<size_t>(static_cast<const char*>(found) - buffer.data());
      if (!skipping) {
        go_on = callback(std::string_view(buffer).substr(begin, end - begin), offset + begin);
      }
      skipping = false;
      begin = end + 1;
    }
    if (begin == 0 && buffer.size() > kMaxLine) {
      skipping = true;
      begin = buffer.size();
    }
    buffer.erase(0, begin);
    offset += begin;
    return go_on;
  }
};

uint64_t read_lines(const ReadableFile& file, uint64_t begin, uint64_t end,
                    const LineCallback& callback) {
  Lines lines;
  lines.offset = begin;
  uint64_t at = begin;
  uint64_t whole = begin;
  while (at < end) {
    const size_t wanted = static_cast<size_t>(std::min<uint64_t>(kPiece, end - at));
    const size_t held = lines.buffer.size();
    lines.buffer.resize(held + wanted);
    const size_t got = file.read(lines.buffer.data() + held, wanted, at);
    lines.buffer.resize(held + got);
    at += got;
    const bool go_on = lines.take(callback);
    // The beginning of a line that is too long is read again by the next call.
    if (!lines.skipping) whole = lines.offset;
    if (!go_on || got < wanted) break;
  }
  return whole;
}

}  // namespace

std::optional<FileStamp> stamp_of(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return FileStamp{status.st_dev, status.st_ino, static_cast<uint64_t>(status.st_size),
                   int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

bool stays_inside(const std::filesystem::path& root, const std::filesystem::path& path) {
  std::error_code wrong;
  const auto real_root = std::filesystem::canonical(root, wrong);
  if (wrong) return false;
  const auto real_path = std::filesystem::canonical(path, wrong);
  if (wrong) return false;
  const auto [end, place] =
      std::mismatch(real_root.begin(), real_root.end(), real_path.begin(), real_path.end());
  return end == real_root.end();
}

uint64_t for_each_line(const std::filesystem::path& file, uint64_t begin, uint64_t end,
                       const LineCallback& callback) {
  const ReadableFile readable(file);
  if (!readable.exists()) return begin;
  return read_lines(readable, begin, std::min(end, readable.size()), callback);
}

void GrowingFile::forget() {
  offset_ = 0;
  tail_.clear();
  torn_ = false;
}

void GrowingFile::read(const std::function<void()>& begin_again,
                       const std::function<void(std::string_view, uint64_t)>& callback) {
  const ReadableFile file(path_);
  exists_ = file.exists();
  std::string tail(tail_.size(), '\0');
  const bool is_continued =
      exists_ && file.inode() == inode_ && file.size() >= offset_ &&
      file.read(tail.data(), tail.size(), offset_ - tail.size()) == tail.size() && tail == tail_;
  if (offset_ > 0 && !is_continued) {
    forget();
    begin_again();
  }
  if (!exists_) return;
  inode_ = file.inode();
  const uint64_t before = offset_;
  offset_ = read_lines(file, offset_, file.size(), [&](std::string_view line, uint64_t at) {
    callback(line, at);
    return true;
  });
  torn_ = offset_ < file.size();
  if (offset_ == before) return;
  tail_.resize(static_cast<size_t>(std::min(offset_, kTail)));
  tail_.resize(file.read(tail_.data(), tail_.size(), offset_ - tail_.size()));
}

}  // namespace reckon::watch
