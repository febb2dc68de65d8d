#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace reckon {

/// Appends JSON values to a file, one a line, each in one write(2), so that a killed program leaves
/// at most one torn line, at the end. Not thread-safe; one writer a file.
class JsonlWriter {
 public:
  /// A writer without a file: `open` must come before `write`.
  JsonlWriter() = default;
  /// The same as `open(path)`.
  explicit JsonlWriter(const std::filesystem::path& path);
  JsonlWriter(JsonlWriter&& other) noexcept;
  JsonlWriter& operator=(JsonlWriter&& other) noexcept;
  ~JsonlWriter();

  /// Opens `path` for appending, making it if missing. A torn last line is cut off. Throws
  /// Error(io).
  void open(const std::filesystem::path& path);

  /// Whether a file is open.
  bool is_open() const { return fd_ >= 0; }

  /// Appends one line. Bytes that are not UTF-8 become U+FFFD. Throws Error(io) with the file and
  /// the reason (disk full ...); the part of the line that was written is then taken back, and
  /// `offset` stays where it was.
  void write(const nlohmann::json& value);

  /// Returns when everything written is on the disk (fsync). Throws Error(io).
  void flush();

  /// Bytes in the file: where the next line begins.
  uint64_t offset() const { return offset_; }

  /// Closes the file; nothing is flushed to the disk.
  void close();

  /// Cuts the file at `path` to its first `offset` bytes, as on a resume. A missing file is fine
  /// for offset 0. Throws Error(corrupt) if the file is shorter or `offset` is not the beginning of
  /// a line.
  static void truncate(const std::filesystem::path& path, uint64_t offset);

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  uint64_t offset_ = 0;
};

/// How a reader takes the end of a file that does not end with a newline.
enum class JsonlMode {
  tolerant,  ///< a log: the last line may be half-written, and is left out
  strict,    ///< a data set: the last line counts like the others, and must be whole
};

/// Reads a JSON lines file from front to back in pieces; memory is that of the longest line. Blank
/// lines are skipped. Not thread-safe.
class JsonlReader {
 public:
  /// Throws Error(not_found) or Error(io).
  explicit JsonlReader(const std::filesystem::path& path, JsonlMode mode = JsonlMode::tolerant);
  JsonlReader(JsonlReader&& other) noexcept;
  JsonlReader& operator=(JsonlReader&& other) = delete;
  ~JsonlReader();

  /// The next value; nothing at the end. May be called again after the file has grown. Throws
  /// Error(corrupt) with file and line if a line is not JSON or is longer than 256 MiB.
  std::optional<nlohmann::json> next();

  /// Byte offset of the line that `next` will read.
  uint64_t offset() const { return offset_; }

  /// Number, from 1, of the line that the last `next` gave; counted from the last `seek`.
  uint64_t line_number() const { return line_; }

  /// Goes on at byte `offset`, which must be the beginning of a line. `line` is the number of that
  /// line for messages.
  void seek(uint64_t offset, uint64_t line = 1);

  /// Whether the last `next` met a half-written line at the end and left it out.
  bool torn() const { return torn_; }

 private:
  bool fill();
  std::optional<std::string> next_line();

  std::filesystem::path path_;
  JsonlMode mode_;
  int fd_ = -1;
  std::string buffer_;  // bytes of the file from offset_ - begin_ on
  size_t begin_ = 0;    // where in buffer_ the next line begins
  uint64_t offset_ = 0;
  uint64_t line_ = 0;  // of the line last given
  uint64_t next_line_ = 1;
  bool torn_ = false;
};

/// Calls `callback(value, line_number)` for each line of the file. Returns whether a half-written
/// last line was left out (only in tolerant mode). Throws like JsonlReader, and what `callback`
/// throws.
bool for_each_jsonl(const std::filesystem::path& path,
                    const std::function<void(const nlohmann::json&, uint64_t)>& callback,
                    JsonlMode mode = JsonlMode::tolerant);

}  // namespace reckon
