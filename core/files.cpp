#include "core/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>
#include <vector>

#include "core/error.h"

namespace reckon {
namespace {

namespace fs = std::filesystem;

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void fail_io(std::string_view expected, const fs::path& path, int error) {
  fail(ErrorCode::io, "expected to {}, got '{}', in {}", expected, reason(error), path.string());
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// Opens a regular file for reading. Without O_NONBLOCK a pipe without a writer would hang here.
int open_regular(const fs::path& path, struct stat& status) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    check(errno != ENOENT && errno != ENOTDIR, ErrorCode::not_found,
          "expected a file, got nothing, in {}", path.string());
    fail_io("open for reading", path, errno);
  }
  if (::fstat(fd, &status) != 0) {
    const int error = errno;
    ::close(fd);
    fail_io("read the size", path, error);
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(fd);
    fail(ErrorCode::invalid_argument, "expected a regular file, got {}, in {}",
         S_ISDIR(status.st_mode) ? "a folder" : "a special file", path.string());
  }
  return fd;
}

void sync_file(const fs::path& path, int flags) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
  if (file.get() < 0 || ::fsync(file.get()) != 0) fail_io("put on the disk", path, errno);
}

fs::path folder_of(const fs::path& path) {
  const fs::path parent = path.parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

fs::path without_trailing_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

void sync_tree(const fs::path& folder) {
  std::error_code error;
  auto entry = fs::recursive_directory_iterator(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->is_symlink()) continue;
    if (entry->is_directory()) {
      sync_folder(entry->path());
    } else if (entry->is_regular_file()) {
      sync_file(entry->path(), 0);
    }
  }
  if (error) fail_io("list", folder, error.value());
  sync_folder(folder);
}

void remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) fail_io("remove", path, error.value());
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path) : path_(path) {
  // The number only tells files of one process apart that are written at the same time.
  for (int number = 0; fd_ < 0; ++number) {
    temp_path_ = path;
    temp_path_ += fmt::format(".tmp-{}-{}", ::getpid(), number);
    fd_ = ::open(temp_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd_ < 0 && errno != EEXIST) fail_io("make", path_, errno);
  }
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::write(std::span<const std::byte> bytes) {
  check(fd_ >= 0, ErrorCode::internal, "expected an uncommitted file, got a closed one, in {}",
        path_.string());
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      discard();  // at once: on a full disk others need the room
      fail_io("write", path_, error);
    }
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

void AtomicFile::commit(Durability durability) {
  check(fd_ >= 0, ErrorCode::internal, "expected an uncommitted file, got a closed one, in {}",
        path_.string());
  const bool durable = durability == Durability::disk;
  if ((durable && ::fsync(fd_) != 0) || ::rename(temp_path_.c_str(), path_.c_str()) != 0) {
    const int error = errno;
    discard();
    fail_io("write", path_, error);
  }
  ::close(std::exchange(fd_, -1));
  if (durable) sync_folder(folder_of(path_));
}

void AtomicFile::discard() noexcept {
  if (fd_ < 0) return;
  ::close(std::exchange(fd_, -1));
  ::unlink(temp_path_.c_str());
}

void write_file_atomic(const fs::path& path, std::string_view bytes, Durability durability) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit(durability);
}

std::string read_file(const fs::path& path, uint64_t max_bytes) {
  struct stat status = {};
  const FileDescriptor file(open_regular(path, status));
  std::string bytes;
  // Files in /proc say size 0, and a file may grow meanwhile: the end is where read says so.
  for (size_t room = static_cast<size_t>(status.st_size) + 1;; room = size_t{1} << 16) {
    const auto size = static_cast<uint64_t>(status.st_size);
    check(size <= max_bytes && bytes.size() <= max_bytes, ErrorCode::invalid_argument,
          "expected at most {} bytes, got {}, in {}", max_bytes,
          std::max<uint64_t>(size, bytes.size()), path.string());
    const size_t old_size = bytes.size();
    bytes.resize(old_size + room);
    ssize_t got = 0;
    do {
      got = ::read(file.get(), bytes.data() + old_size, room);
    } while (got < 0 && errno == EINTR);
    if (got < 0) fail_io("read", path, errno);
    bytes.resize(old_size + static_cast<size_t>(got));
    if (got == 0) return bytes;
  }
}

void publish_folder(const fs::path& temp_folder, const fs::path& final_folder) {
  const fs::path from = without_trailing_slash(temp_folder);
  const fs::path to = without_trailing_slash(final_folder);
  sync_tree(from);
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
    sync_folder(folder_of(to));
    return;
  }
  if (errno == EEXIST) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) {
      sync_folder(folder_of(to));
      remove_tree(from);  // now the old folder
      return;
    }
  }
  if (errno != EINVAL && errno != ENOSYS) fail_io("rename " + from.string(), to, errno);
  // File systems without these flags: the old folder goes first.
  remove_tree(to);
  if (::rename(from.c_str(), to.c_str()) != 0) fail_io("rename " + from.string(), to, errno);
  sync_folder(folder_of(to));
}

size_t remove_leftovers(const fs::path& folder) {
  std::error_code error;
  auto entry = fs::directory_iterator(folder, error);
  if (error == std::errc::no_such_file_or_directory) return 0;
  std::vector<fs::path> leftovers;
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().filename().string().find(".tmp-") != std::string::npos) {
      leftovers.push_back(entry->path());
    }
  }
  if (error) fail_io("list", folder, error.value());
  for (const fs::path& leftover : leftovers) remove_tree(leftover);
  return leftovers.size();
}

void sync_folder(const fs::path& folder) { sync_file(folder, O_DIRECTORY); }

uint64_t free_disk_bytes(const fs::path& path) {
  std::error_code error;
  fs::path place = fs::absolute(path, error);
  while (!error && !fs::exists(place, error) && place.has_relative_path()) {
    place = place.parent_path();
    error.clear();
  }
  struct statvfs status = {};
  if (::statvfs(place.c_str(), &status) != 0) fail_io("ask for the free space", path, errno);
  return uint64_t{status.f_bavail} * status.f_frsize;
}

TempFolder::TempFolder() {
  std::error_code error;
  const fs::path parent = fs::temp_directory_path(error);
  if (error) fail_io("find the folder for temporary files", parent, error.value());
  std::string name = (parent / "reckon-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) fail_io("make a folder", name, errno);
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

MappedFile::MappedFile(const fs::path& path) : path_(path) {
  struct stat status = {};
  const FileDescriptor file(open_regular(path, status));
  if (status.st_size == 0) return;  // mmap refuses empty maps
  const auto size = static_cast<size_t>(status.st_size);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (data == MAP_FAILED) fail_io("map into memory", path, errno);
  data_ = static_cast<const std::byte*>(data);
  size_ = size;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this != &other) {
    unmap();
    path_ = std::move(other.path_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

MappedFile::~MappedFile() { unmap(); }

void MappedFile::unmap() noexcept {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

}  // namespace reckon
