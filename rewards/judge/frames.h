#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reckon::rewards {

/// Largest body of a frame. Longer ones are a broken stream.
inline constexpr uint32_t kMaxFrameBytes = uint32_t{256} << 20;

/// A message between trainer, judge and grading workers: an id and a text.
struct Frame {
  uint64_t id = 0;
  std::string_view body;  ///< a view into the reader; gone with its next call
};

/// The body of a request: the name of its kind, a newline, the request as JSON. So a judge can pass
/// it on unread.
struct RequestBody {
  std::string_view kind;
  std::string_view json;  ///< empty if there is no newline
};
RequestBody split_request(std::string_view body);

/// Appends a frame to `out`: 4 bytes length of the body, 8 bytes id (both big-endian), the body.
/// Throws Error(invalid_argument) if the body is too long.
void append_frame(std::string& out, uint64_t id, std::string_view body);

/// Cuts a stream of bytes into frames. Not thread-safe.
class FrameReader {
 public:
  /// Adds what was read.
  void add(std::string_view bytes);

  /// The next whole frame, if there is one. Throws Error(corrupt) for a length above the limit.
  std::optional<Frame> next();

 private:
  std::string buffer_;
  size_t begin_ = 0;  // what lies before was taken
};

}  // namespace reckon::rewards
