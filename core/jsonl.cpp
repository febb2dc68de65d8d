#include "core/jsonl.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"

namespace reckon {
namespace {

namespace fs = std::filesystem;

constexpr size_t kPieceBytes = size_t{1} << 16;
constexpr size_t kMaxLineBytes = size_t{1} << 28;

[[noreturn]] void fail_io(std::string_view expected, const fs::path& path, int error) {
  fail(ErrorCode::io, "expected to {}, got '{}', in {}", expected,
       std::generic_category().message(error), path.string());
}

uint64_t file_size(int fd, const fs::path& path) {
  struct stat status = {};
  if (::fstat(fd, &status) != 0) fail_io("read the size", path, errno);
  check(S_ISREG(status.st_mode), ErrorCode::io, "expected a regular file, got another kind, in {}",
        path.string());
  return static_cast<uint64_t>(status.st_size);
}

// Fills `piece` from byte `offset` on as far as the file goes.
size_t read_at(int fd, char* piece, size_t size, uint64_t offset, const fs::path& path) {
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd, piece + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_io("read", path, errno);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

// Where the last whole line of a file of `size` bytes ends.
uint64_t end_of_whole_lines(int fd, uint64_t size, const fs::path& path) {
  std::array<char, kPieceBytes> piece;
  while (size > 0) {
    const size_t length = static_cast<size_t>(std::min<uint64_t>(size, piece.size()));
    const size_t got = read_at(fd, piece.data(), length, size - length, path);
    const size_t newline = std::string_view(piece.data(), got).rfind('\n');
    if (newline != std::string_view::npos) return size - length + newline + 1;
    size -= length;
  }
  return 0;
}

void cut(int fd, uint64_t size, const fs::path& path) {
  if (::ftruncate(fd, static_cast<off_t>(size)) != 0) fail_io("cut off the end", path, errno);
}

}  // namespace

JsonlWriter::JsonlWriter(const fs::path& path) { open(path); }

JsonlWriter::JsonlWriter(JsonlWriter&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      offset_(std::exchange(other.offset_, 0)) {}

JsonlWriter& JsonlWriter::operator=(JsonlWriter&& other) noexcept {
  if (this != &other) {
    close();
    path_ = std::move(other.path_);
    fd_ = std::exchange(other.fd_, -1);
    offset_ = std::exchange(other.offset_, 0);
  }
  return *this;
}

JsonlWriter::~JsonlWriter() { close(); }

void JsonlWriter::open(const fs::path& path) {
  close();
  path_ = path;
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
  if (fd_ < 0) fail_io("open for appending", path, errno);
  try {
    const uint64_t size = file_size(fd_, path);
    offset_ = end_of_whole_lines(fd_, size, path);
    if (offset_ != size) cut(fd_, offset_, path);
  } catch (const Error&) {
    close();
    throw;
  }
}

void JsonlWriter::write(const nlohmann::json& value) {
  check(fd_ >= 0, ErrorCode::internal, "expected an open file, got a closed one, in {}",
        path_.string());
  const std::string line = json_text(value) + "\n";
  size_t done = 0;
  while (done < line.size()) {
    const ssize_t written = ::write(fd_, line.data() + done, line.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      if (done > 0 && ::ftruncate(fd_, static_cast<off_t>(offset_)) != 0) {
        close();  // the torn line stays last; the next open cuts it off
      }
      fail_io("append a line", path_, error);
    }
    done += static_cast<size_t>(written);
  }
  offset_ += line.size();
}

void JsonlWriter::flush() {
  check(fd_ >= 0, ErrorCode::internal, "expected an open file, got a closed one, in {}",
        path_.string());
  if (::fsync(fd_) != 0) fail_io("put on the disk", path_, errno);
}

void JsonlWriter::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void JsonlWriter::truncate(const fs::path& path, uint64_t offset) {
  std::error_code error;
  if (offset == 0 && !fs::exists(path, error) && !error) return;
  JsonlWriter writer(path);  // cuts off a torn last line
  check(offset <= writer.offset_, ErrorCode::corrupt,
        "expected at least {} bytes of whole lines, got {}, in {}", offset, writer.offset_,
        path.string());
  char last = '\n';
  if (offset > 0) read_at(writer.fd_, &last, 1, offset - 1, path);
  check(last == '\n', ErrorCode::corrupt,
        "expected a line to begin at byte {}, got the middle of one, in {}", offset, path.string());
  cut(writer.fd_, offset, path);
  writer.flush();
}

JsonlReader::JsonlReader(const fs::path& path, JsonlMode mode) : path_(path), mode_(mode) {
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd_ < 0) {
    check(errno != ENOENT && errno != ENOTDIR, ErrorCode::not_found,
          "expected a file, got nothing, in {}", path.string());
    fail_io("open for reading", path, errno);
  }
  try {
    file_size(fd_, path);  // refuses folders and pipes
  } catch (const Error&) {
    ::close(fd_);
    throw;
  }
}

JsonlReader::JsonlReader(JsonlReader&& other) noexcept
    : path_(std::move(other.path_)),
      mode_(other.mode_),
      fd_(std::exchange(other.fd_, -1)),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      offset_(other.offset_),
      line_(other.line_),
      next_line_(other.next_line_),
      torn_(other.torn_) {}

JsonlReader::~JsonlReader() {
  if (fd_ >= 0) ::close(fd_);
}

// Reads another piece of the file behind the buffer; false at the end of the file.
bool JsonlReader::fill() {
  buffer_.erase(0, std::exchange(begin_, 0));
  const size_t old_size = buffer_.size();
  buffer_.resize(old_size + kPieceBytes);
  const size_t got =
      read_at(fd_, buffer_.data() + old_size, kPieceBytes, offset_ + old_size, path_);
  buffer_.resize(old_size + got);
  return got > 0;
}

std::optional<std::string> JsonlReader::next_line() {
  size_t newline = buffer_.find('\n', begin_);
  torn_ = false;
  while (newline == std::string::npos) {
    const size_t tail = buffer_.size() - begin_;
    check(tail <= kMaxLineBytes, ErrorCode::corrupt,
          "expected at most {} bytes, got a longer line, in {} line {}", kMaxLineBytes,
          path_.string(), next_line_);
    if (!fill()) {
      torn_ = tail > 0 && mode_ == JsonlMode::tolerant;
      if (tail == 0 || torn_) {
        buffer_.clear();  // a later call reads it again: the writer may have gone on, or cut it
        return std::nullopt;
      }
      newline = buffer_.size();
      break;
    }
    newline = buffer_.find('\n', tail);
  }
  std::string line = buffer_.substr(begin_, newline - begin_);
  const size_t length = std::min(newline + 1, buffer_.size()) - begin_;
  begin_ += length;
  offset_ += length;
  line_ = next_line_++;
  return line;
}

std::optional<nlohmann::json> JsonlReader::next() {
  while (auto line = next_line()) {
    if (line->find_first_not_of(" \t\r") == std::string::npos) continue;
    return parse_json_text(*line, path_.string(), false, line_);
  }
  return std::nullopt;
}

void JsonlReader::seek(uint64_t offset, uint64_t line) {
  buffer_.clear();
  begin_ = 0;
  offset_ = offset;
  line_ = line - 1;
  next_line_ = line;
  torn_ = false;
}

bool for_each_jsonl(const fs::path& path,
                    const std::function<void(const nlohmann::json&, uint64_t)>& callback,
                    JsonlMode mode) {
  JsonlReader reader(path, mode);
  while (const auto value = reader.next()) callback(*value, reader.line_number());
  return reader.torn();
}

}  // namespace reckon
