#include "core/event_filter.h"

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "core/files.h"

namespace reckon {
namespace {

// A record is its length (8 bytes), a checksum (4), the event and another checksum (4).
constexpr size_t kHead = 12;
constexpr size_t kTail = 4;

// Reads protocol buffers from front to back; every function gives nothing where bytes run out.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : bytes_(bytes) {}

  // The bytes of the first field with this number, which must be a message or a text.
  std::optional<std::string_view> find(uint64_t number) {
    while (const auto key = varint()) {
      const uint64_t wire_type = *key & 7;
      std::optional<std::string_view> value;
      if (wire_type == 0) value = varint() ? std::optional(std::string_view()) : std::nullopt;
      if (wire_type == 1) value = take(8);
      if (wire_type == 5) value = take(4);
      if (wire_type == 2) {
        const auto size = varint();
        value = size ? take(*size) : std::nullopt;
      }
      if (!value) return std::nullopt;
      if (*key >> 3 == number) return value;
    }
    return std::nullopt;
  }

 private:
  std::optional<uint64_t> varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = take(1);
      if (!byte) return std::nullopt;
      const auto bits = static_cast<unsigned char>(byte->front());
      value |= static_cast<uint64_t>(bits & 0x7F) << shift;
      if (bits < 0x80) return value;
    }
    return std::nullopt;
  }

  std::optional<std::string_view> take(uint64_t size) {
    if (size > bytes_.size()) return std::nullopt;
    const auto taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
};

// Event.summary (5) . value (1) . tag (1).
std::optional<std::string_view> tag_of(std::string_view event) {
  const auto summary = FieldReader(event).find(5);
  const auto value = summary ? FieldReader(*summary).find(1) : std::nullopt;
  return value ? FieldReader(*value).find(1) : std::nullopt;
}

}  // namespace

void drop_events(const std::filesystem::path& file,
                 const std::function<bool(std::string_view)>& drop) {
  if (!std::filesystem::exists(file)) return;
  const std::string bytes = read_file(file, uint64_t{1} << 36);
  std::string kept;
  std::string_view rest = bytes;
  while (rest.size() >= kHead + kTail) {
    uint64_t length = 0;
    std::memcpy(&length, rest.data(), sizeof(length));
    if (length > rest.size() - kHead - kTail) break;
    const auto record = rest.substr(0, kHead + length + kTail);
    const auto tag = tag_of(record.substr(kHead, length));
    if (!tag || !drop(*tag)) kept += record;
    rest.remove_prefix(record.size());
  }
  write_file_atomic(file, kept);
}

}  // namespace reckon
