#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace reckon {

/// What a written file survives: the end of the process, or also the end of power.
enum class Durability { process, disk };

/// A file that appears whole or not at all: bytes go to a temporary name `NAME.tmp-PID-N` in the
/// same folder, and `commit` puts them on the disk and renames. Without `commit` the destructor
/// removes the temporary file and an older file of that name stays. Every function throws Error(io)
/// with the path and the reason of the operating system. Not thread-safe.
class AtomicFile {
 public:
  /// Opens the temporary file. The folder must exist.
  explicit AtomicFile(const std::filesystem::path& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  /// Appends `bytes`.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

  /// Makes the file visible under its name, safe against a crash. Call once, last.
  void commit(Durability durability = Durability::disk);

 private:
  void discard() noexcept;

  std::filesystem::path path_;
  std::filesystem::path temp_path_;
  int fd_ = -1;
};

/// Replaces the file at `path` by `bytes` through an `AtomicFile`. Throws Error(io).
void write_file_atomic(const std::filesystem::path& path, std::string_view bytes,
                       Durability durability = Durability::disk);

/// The bytes of a regular file. Throws Error(not_found) if it is missing, Error(invalid_argument)
/// if it is a folder or another kind of file or holds more than `max_bytes`, Error(io) otherwise.
std::string read_file(const std::filesystem::path& path, uint64_t max_bytes = uint64_t{1} << 30);

/// Puts the files of `temp_folder` on the disk and gives the folder the name `final_folder`, in the
/// same file system. An existing `final_folder` is swapped out in one step and then removed, so a
/// complete folder of that name is there at every moment. Name `temp_folder` `NAME.tmp-...`, so
/// that `remove_leftovers` knows what a killed program left. Throws Error(io).
void publish_folder(const std::filesystem::path& temp_folder,
                    const std::filesystem::path& final_folder);

/// Removes the direct children of `folder` whose names hold `.tmp-`: what killed programs left. No
/// other program may be writing there. Returns how many; 0 if there is no such folder. Throws
/// Error(io).
size_t remove_leftovers(const std::filesystem::path& folder);

/// Returns when the names in `folder` are on the disk (fsync). Throws Error(io).
void sync_folder(const std::filesystem::path& folder);

/// Bytes that a user without privileges can still write where `path` is or will be. Throws
/// Error(io).
uint64_t free_disk_bytes(const std::filesystem::path& path);

/// A new empty folder in the system's folder for temporary files; removed, with what is in it, by
/// the destructor.
class TempFolder {
 public:
  /// Throws Error(io).
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A regular file mapped into memory for reading. The bytes live as long as the object. Reading is
/// thread-safe. If another program cuts the file short while it is mapped, reading past the new end
/// kills the process: files that are still written must be read with `read_file`.
class MappedFile {
 public:
  /// Maps nothing.
  MappedFile() = default;
  /// Maps the file at `path`; an empty file gives no bytes. Throws like `read_file`.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  const std::filesystem::path& path() const { return path_; }

 private:
  void unmap() noexcept;

  std::filesystem::path path_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace reckon
