#include "rewards/judge/frames.h"

#include "core/error.h"

namespace reckon::rewards {

namespace {

constexpr size_t kHeaderBytes = 12;

uint64_t read_big_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8) | static_cast<unsigned char>(byte);
  return value;
}

void append_big_endian(std::string& out, uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>((value >> (8 * i)) & 0xFF);
}

}  // namespace

RequestBody split_request(std::string_view body) {
  const size_t end = body.find('\n');
  if (end == std::string_view::npos) return {body, {}};
  return {body.substr(0, end), body.substr(end + 1)};
}

void append_frame(std::string& out, uint64_t id, std::string_view body) {
  check(body.size() <= kMaxFrameBytes, ErrorCode::invalid_argument,
        "expected a request of at most {} bytes, got {}, for the judge", kMaxFrameBytes,
        body.size());
  append_big_endian(out, body.size(), 4);
  append_big_endian(out, id, 8);
  out += body;
}

void FrameReader::add(std::string_view bytes) {
  // What was taken is dropped only when it is most of the buffer, so that a byte moves once.
  if (begin_ > buffer_.size() / 2) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  buffer_ += bytes;
}

std::optional<Frame> FrameReader::next() {
  const std::string_view rest = std::string_view(buffer_).substr(begin_);
  if (rest.size() < kHeaderBytes) return std::nullopt;
  const uint64_t size = read_big_endian(rest.substr(0, 4));
  check(size <= kMaxFrameBytes, ErrorCode::corrupt,
        "expected a frame of at most {} bytes, got {}, in the stream of the judge", kMaxFrameBytes,
        size);
  if (rest.size() < kHeaderBytes + size) return std::nullopt;
  begin_ += kHeaderBytes + size;
  return Frame{read_big_endian(rest.substr(4, 8)), rest.substr(kHeaderBytes, size)};
}

}  // namespace reckon::rewards
