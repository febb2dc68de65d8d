#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace reckon {

/// Appends scalars, histograms and texts to a TensorBoard event file. The file always has the same
/// name inside its folder, so that a resumed run goes on in the file of the run it continues.
/// Records collect in memory; `flush` hands them to the system in one piece. Not thread-safe.
/// All functions that write throw Error(io) with the system's reason; the file then ends after the
/// last complete flush, and what was collected is kept for a later attempt.
class EventFileWriter {
 public:
  static constexpr const char* kFileName = "events.out.tfevents.reckon";

  /// Opens `folder`/kFileName; the folder must exist. `resume_offset` 0 starts the file anew (and
  /// notes `wall_time`, Unix seconds, as its beginning); otherwise the existing file is cut at that
  /// byte, a value that `offset` once returned after a flush, and continued. Throws Error(corrupt)
  /// if the file is shorter than that.
  EventFileWriter(const std::filesystem::path& folder, double wall_time,
                  std::uint64_t resume_offset = 0);

  /// Flushes, ignoring errors: call `flush` or `sync` to see them.
  ~EventFileWriter();

  EventFileWriter(const EventFileWriter&) = delete;
  EventFileWriter& operator=(const EventFileWriter&) = delete;

  /// Adds one number (stored as float32). `tag` is UTF-8, with '/' between group and name;
  /// `wall_time` is in Unix seconds. Throws Error(invalid_argument) for an empty or non-UTF-8 tag.
  void add_scalar(std::string_view tag, double value, std::int64_t step, double wall_time);

  /// Adds the distribution of `values` in 30 buckets of equal width. Values that are not finite are
  /// left out; if none is left nothing is added.
  void add_histogram(std::string_view tag, std::span<const double> values, std::int64_t step,
                     double wall_time);

  /// Adds a text, which TensorBoard shows as Markdown. Bytes that are not UTF-8 are replaced.
  void add_text(std::string_view tag, std::string_view text, std::int64_t step, double wall_time);

  /// Hands everything added so far to the operating system, so that other processes see it.
  void flush();

  /// Flushes and waits until the disk has it. Call before an `offset` goes into a checkpoint.
  void sync();

  /// Size of the file in bytes once everything added so far is flushed.
  std::uint64_t offset() const { return written_ + pending_.size(); }

 private:
  void add_record(const std::string& event);

  std::string path_;
  int file_ = -1;
  std::uint64_t written_ = 0;
  std::string pending_;
};

}  // namespace reckon
