#include "core/event_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <iterator>
#include <limits>
#include <system_error>
#include <vector>

#include "core/error.h"
#include "core/utf8.h"

namespace reckon {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{1} << 16;
constexpr std::size_t kNumBuckets = 30;

// Numbers of TensorBoard's protocol buffers (event.proto, summary.proto, tensor.proto).
constexpr std::uint64_t kTypeString = 7;
constexpr std::uint64_t kDataClassTensor = 2;

std::string system_reason(int error) { return std::generic_category().message(error); }

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value >> 1) ^ ((value & 1) != 0 ? 0x82F63B78u : 0u);  // Castagnoli, reflected
    }
    table[i] = value;
  }
  return table;
}

// CRC-32C, rotated and offset as TFRecord files want it.
std::uint32_t masked_crc(std::string_view bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = make_crc_table();
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const char byte : bytes) {
    crc = (crc >> 8) ^ kTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFFu];
  }
  crc = ~crc;
  return std::rotr(crc, 15) + 0xA282EAD8u;
}

template <class Unsigned>
std::string little_endian(Unsigned value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(value); ++i) {
    bytes += static_cast<char>((value >> (8 * i)) & 0xFFu);
  }
  return bytes;
}

// A protocol buffer under construction: fields in the order of the calls.
class Message {
 public:
  Message& add_varint(std::uint32_t field, std::uint64_t value) {
    put_key(field, 0);
    put_varint(value);
    return *this;
  }
  Message& add_double(std::uint32_t field, double value) {
    put_key(field, 1);
    bytes_ += little_endian(std::bit_cast<std::uint64_t>(value));
    return *this;
  }
  Message& add_float(std::uint32_t field, float value) {
    put_key(field, 5);
    bytes_ += little_endian(std::bit_cast<std::uint32_t>(value));
    return *this;
  }
  Message& add_bytes(std::uint32_t field, std::string_view value) {
    put_key(field, 2);
    put_varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& add_doubles(std::uint32_t field, std::span<const double> values) {
    std::string packed;
    for (const double value : values) packed += little_endian(std::bit_cast<std::uint64_t>(value));
    return add_bytes(field, packed);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void put_key(std::uint32_t field, std::uint32_t wire_type) { put_varint(field << 3 | wire_type); }
  void put_varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>((value & 0x7F) | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

// An Event with one Summary.Value, whose `tag` is already in it.
std::string summary_event(const Message& value, std::int64_t step, double wall_time) {
  Message summary;
  summary.add_bytes(1, value.bytes());
  Message event;
  event.add_double(1, wall_time)
      .add_varint(2, static_cast<std::uint64_t>(step))
      .add_bytes(5, summary.bytes());
  return event.bytes();
}

Message tagged_value(std::string_view tag) {
  if (tag.empty() || !is_utf8(tag)) {
    fail(ErrorCode::invalid_argument, "expected a tag in UTF-8, got \"{}\", for an event file",
         replace_invalid_utf8(tag));
  }
  Message value;
  value.add_bytes(1, tag);
  return value;
}

// Converting a double beyond the range of float is undefined in C++.
float to_float(double value) {
  constexpr auto kLargest = static_cast<double>(std::numeric_limits<float>::max());
  if (std::isfinite(value) && std::abs(value) > kLargest) {
    return std::copysign(std::numeric_limits<float>::infinity(), value > 0 ? 1.0f : -1.0f);
  }
  return static_cast<float>(value);
}

// HistogramProto. `values` are finite and at least one.
Message histogram(std::span<const double> values) {
  const auto [smallest, largest] = std::minmax_element(values.begin(), values.end());
  double low = *smallest;
  double high = *largest;
  // Halves, because the difference of two finite numbers can be infinite.
  const double half_width = high / 2 - low / 2;
  std::vector<double> limits;
  std::vector<double> counts;
  if (half_width > 0) {
    counts.assign(kNumBuckets, 0.0);
    for (std::size_t i = 1; i < kNumBuckets; ++i) {
      // No product is added to anything, so that all machines round alike.
      limits.push_back(2 * (low / 2 + half_width * static_cast<double>(i) / kNumBuckets));
    }
    limits.push_back(high);
    for (const double value : values) {
      const double share = (value / 2 - low / 2) / half_width;
      const auto bucket = static_cast<std::size_t>(share * kNumBuckets);
      counts[std::min(bucket, kNumBuckets - 1)] += 1;
    }
  } else {
    // One bucket of width 1 around the value, as TensorBoard itself draws it.
    low -= 0.5;
    high += 0.5;
    limits = {high};
    counts = {static_cast<double>(values.size())};
  }
  double sum = 0;
  double sum_squares = 0;
  for (const double value : values) {
    sum += value;
    sum_squares += value * value;
  }
  Message message;
  message.add_double(1, low).add_double(2, high).add_double(3, static_cast<double>(values.size()));
  message.add_double(4, sum).add_double(5, sum_squares);
  message.add_doubles(6, limits).add_doubles(7, counts);
  return message;
}

// Opens the file and cuts it at `offset`.
int open_at(const std::string& path, std::uint64_t offset) {
  const int flags = O_WRONLY | O_CLOEXEC | (offset == 0 ? O_CREAT : 0);
  const int file = ::open(path.c_str(), flags, 0644);
  if (file < 0) {
    const int error = errno;
    fail(error == ENOENT ? ErrorCode::not_found : ErrorCode::io,
         "expected to open an event file, got \"{}\", for {}", system_reason(error), path);
  }
  struct stat status {};
  if (::fstat(file, &status) != 0 || static_cast<std::uint64_t>(status.st_size) < offset) {
    ::close(file);
    fail(ErrorCode::corrupt, "expected at least {} bytes to go on from, got {}, in {}", offset,
         status.st_size, path);
  }
  if (::ftruncate(file, static_cast<off_t>(offset)) != 0) {
    const int error = errno;
    ::close(file);
    fail(ErrorCode::io, "expected to cut the file at byte {}, got \"{}\", for {}", offset,
         system_reason(error), path);
  }
  return file;
}

}  // namespace

EventFileWriter::EventFileWriter(const std::filesystem::path& folder, double wall_time,
                                 std::uint64_t resume_offset)
    : path_((folder / kFileName).string()),
      file_(open_at(path_, resume_offset)),
      written_(resume_offset) {
  if (resume_offset == 0) {
    Message event;
    event.add_double(1, wall_time).add_bytes(3, "brain.Event:2");
    add_record(event.bytes());
  }
}

EventFileWriter::~EventFileWriter() {
  try {
    flush();
  } catch (const Error&) {
    // A destructor has no one to tell; `flush` and `sync` report.
  }
  ::close(file_);
}

void EventFileWriter::add_record(const std::string& event) {
  const std::string length = little_endian(static_cast<std::uint64_t>(event.size()));
  pending_ += length;
  pending_ += little_endian(masked_crc(length));
  pending_ += event;
  pending_ += little_endian(masked_crc(event));
  if (pending_.size() >= kFlushBytes) flush();
}

void EventFileWriter::add_scalar(std::string_view tag, double value, std::int64_t step,
                                 double wall_time) {
  Message message = tagged_value(tag);
  message.add_float(2, to_float(value));
  add_record(summary_event(message, step, wall_time));
}

void EventFileWriter::add_histogram(std::string_view tag, std::span<const double> values,
                                    std::int64_t step, double wall_time) {
  Message message = tagged_value(tag);
  std::vector<double> finite;
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
               [](double value) { return std::isfinite(value); });
  if (finite.empty()) return;
  message.add_bytes(5, histogram(finite).bytes());
  add_record(summary_event(message, step, wall_time));
}

void EventFileWriter::add_text(std::string_view tag, std::string_view text, std::int64_t step,
                               double wall_time) {
  Message plugin;
  plugin.add_bytes(1, "text");
  Message metadata;
  metadata.add_bytes(1, plugin.bytes()).add_varint(4, kDataClassTensor);
  Message tensor;
  tensor.add_varint(1, kTypeString).add_bytes(2, "").add_bytes(8, replace_invalid_utf8(text));
  Message message = tagged_value(tag);
  message.add_bytes(8, tensor.bytes()).add_bytes(9, metadata.bytes());
  add_record(summary_event(message, step, wall_time));
}

void EventFileWriter::flush() {
  std::size_t done = 0;
  while (done < pending_.size()) {
    const ssize_t count = ::pwrite(file_, pending_.data() + done, pending_.size() - done,
                                   static_cast<off_t>(written_ + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      const int error = count < 0 ? errno : ENOSPC;
      // If the cut fails too, a reader still stops at the torn record and the next flush
      // overwrites it.
      [[maybe_unused]] const int ignored = ::ftruncate(file_, static_cast<off_t>(written_));
      fail(ErrorCode::io, "expected to write {} bytes, got \"{}\", in {}", pending_.size(),
           system_reason(error), path_);
    }
    done += static_cast<std::size_t>(count);
  }
  written_ += pending_.size();
  pending_.clear();
}

void EventFileWriter::sync() {
  flush();
  if (::fdatasync(file_) != 0) {
    fail(ErrorCode::io, "expected to put the file on the disk, got \"{}\", for {}",
         system_reason(errno), path_);
  }
}

}  // namespace reckon
