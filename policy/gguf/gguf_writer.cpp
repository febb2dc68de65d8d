#include "policy/gguf/gguf_writer.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "core/error.h"
#include "core/files.h"
#include "core/utf8.h"
#include "policy/gguf/gguf_value.h"
#include "policy/gguf/quants.h"

namespace reckon::policy {
namespace {

constexpr std::uint32_t kVersion = 3;
constexpr std::uint64_t kAlignment = 32;   // what readers take where general.alignment is missing
constexpr std::size_t kMaxNameBytes = 63;  // ggml keeps names in 64 bytes with a zero at the end
constexpr std::size_t kMaxRank = 4;

template <class T>
void append(std::string& bytes, T value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  bytes.append(raw, sizeof value);
}

void append_text(std::string& bytes, std::string_view text) {
  check(is_utf8(text), ErrorCode::invalid_argument,
        "expected UTF-8, got other bytes, for a GGUF file");
  append(bytes, std::uint64_t{text.size()});
  bytes += text;
}

std::uint64_t aligned(std::uint64_t size) {
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

std::uint64_t value_count(const GgufOutputTensor& tensor) {
  std::uint64_t count = 1;
  for (const std::int64_t size : tensor.shape) count *= static_cast<std::uint64_t>(size);
  return count;
}

std::uint64_t byte_count(const GgufOutputTensor& tensor) {
  const GgmlTypeInfo& info = ggml_type_info(tensor.type);
  return value_count(tensor) / info.block_values * info.block_bytes;
}

void check_tensor(const GgufOutputTensor& tensor) {
  check(!tensor.name.empty() && tensor.name.size() <= kMaxNameBytes, ErrorCode::invalid_argument,
        "expected a tensor name of 1 to {} bytes, got \"{}\"", kMaxNameBytes, tensor.name);
  check(!tensor.shape.empty() && tensor.shape.size() <= kMaxRank, ErrorCode::invalid_argument,
        "expected 1 to {} sizes, got {}, for {}", kMaxRank, tensor.shape.size(), tensor.name);
  const auto block = static_cast<std::int64_t>(ggml_type_info(tensor.type).block_values);
  const std::int64_t least = *std::min_element(tensor.shape.begin(), tensor.shape.end());
  check(least > 0 && tensor.shape.back() % block == 0, ErrorCode::invalid_argument,
        "expected positive sizes and rows of a multiple of {} values, got rows of {}, for {}",
        block, tensor.shape.back(), tensor.name);
}

// The list of tensors as it stands in the file.
std::string tensor_list(const std::vector<GgufOutputTensor>& tensors) {
  std::string bytes;
  std::uint64_t offset = 0;
  std::set<std::string_view> names;
  for (const GgufOutputTensor& tensor : tensors) {
    check_tensor(tensor);
    check(names.insert(tensor.name).second, ErrorCode::invalid_argument,
          "expected each tensor once, got {} twice", tensor.name);
    append_text(bytes, tensor.name);
    append(bytes, static_cast<std::uint32_t>(tensor.shape.size()));
    for (auto size = tensor.shape.rbegin(); size != tensor.shape.rend(); ++size) {
      append(bytes, static_cast<std::uint64_t>(*size));
    }
    append(bytes, static_cast<std::uint32_t>(tensor.type));
    append(bytes, offset);
    offset += aligned(byte_count(tensor));
  }
  return bytes;
}

void write_tensor(AtomicFile& file, const GgufOutputTensor& tensor) {
  std::vector<float> values(value_count(tensor));
  tensor.fill(values);
  const std::uint64_t size = byte_count(tensor);
  std::vector<std::byte> bytes(aligned(size));
  quantize(tensor.type, values, std::span(bytes).first(size));
  file.write(bytes);
}

}  // namespace

void GgufWriter::add_key(std::string_view key, std::uint32_t type) {
  append_text(metadata_, key);
  append(metadata_, type);
  ++metadata_count_;
}

void GgufWriter::add_integer(std::string_view key, std::uint32_t value) {
  add_key(key, static_cast<std::uint32_t>(GgufType::u32));
  append(metadata_, value);
}

void GgufWriter::add_float(std::string_view key, float value) {
  add_key(key, static_cast<std::uint32_t>(GgufType::f32));
  append(metadata_, value);
}

void GgufWriter::add_boolean(std::string_view key, bool value) {
  add_key(key, static_cast<std::uint32_t>(GgufType::boolean));
  append(metadata_, static_cast<std::uint8_t>(value ? 1 : 0));
}

void GgufWriter::add_text(std::string_view key, std::string_view value) {
  add_key(key, static_cast<std::uint32_t>(GgufType::string));
  append_text(metadata_, value);
}

void GgufWriter::add_texts(std::string_view key, std::span<const std::string> values) {
  add_key(key, static_cast<std::uint32_t>(GgufType::array));
  append(metadata_, static_cast<std::uint32_t>(GgufType::string));
  append(metadata_, std::uint64_t{values.size()});
  for (const std::string& value : values) append_text(metadata_, value);
}

void GgufWriter::add_integers(std::string_view key, std::span<const std::int32_t> values) {
  add_key(key, static_cast<std::uint32_t>(GgufType::array));
  append(metadata_, static_cast<std::uint32_t>(GgufType::i32));
  append(metadata_, std::uint64_t{values.size()});
  for (const std::int32_t value : values) append(metadata_, value);
}

void GgufWriter::write(const std::filesystem::path& path,
                       const std::function<void(std::size_t)>& on_tensor) const {
  std::string head = "GGUF";
  append(head, kVersion);
  append(head, std::uint64_t{tensors_.size()});
  append(head, metadata_count_);
  head += metadata_;
  head += tensor_list(tensors_);
  head.resize(aligned(head.size()), '\0');

  AtomicFile file(path);
  file.write(head);
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    write_tensor(file, tensors_[i]);
    if (on_tensor) on_tensor(i + 1);
  }
  file.commit();
}

}  // namespace reckon::policy
