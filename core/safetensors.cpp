#include "core/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/utf8.h"

namespace reckon {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // the limit of the Python library
constexpr std::size_t kMaxRank = 64;                    // the limit of LibTorch's operators
constexpr const char* kMetadataKey = "__metadata__";

struct TypeInfo {
  TensorType type;
  std::string_view name;
  std::size_t size;
};

// In the order in which a file holds them: the Python library puts the widest alignment first.
constexpr std::array<TypeInfo, 10> kTypes = {{{TensorType::i64, "I64", 8},
                                              {TensorType::f64, "F64", 8},
                                              {TensorType::f32, "F32", 4},
                                              {TensorType::i32, "I32", 4},
                                              {TensorType::bf16, "BF16", 2},
                                              {TensorType::f16, "F16", 2},
                                              {TensorType::i16, "I16", 2},
                                              {TensorType::i8, "I8", 1},
                                              {TensorType::u8, "U8", 1},
                                              {TensorType::boolean, "BOOL", 1}}};

// What the format knows besides.
constexpr std::array<std::string_view, 11> kOtherTypes = {
    "U16",     "U32",     "U64",     "C64",         "F8_E4M3",    "F8_E5M2",
    "F8_E8M0", "F6_E2M3", "F6_E3M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ"};

std::size_t type_rank(TensorType type) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [type](const TypeInfo& info) { return info.type == type; });
  check(found != kTypes.end(), ErrorCode::internal, "expected a tensor type, got number {}",
        static_cast<int>(type));
  return static_cast<std::size_t>(found - kTypes.begin());
}

// A name for messages: hostile files hold long ones and control characters.
std::string shown(const std::string& name) { return json_summary(Json(name)); }

std::string shape_text(const std::vector<std::int64_t>& shape) { return Json(shape).dump(); }

// The bytes of a tensor, or none if they do not fit into 64 bits. Zeros count as ones for the
// overflow, so that strides computed from the shape cannot overflow either.
std::optional<std::uint64_t> byte_size(TensorType type, const std::vector<std::int64_t>& shape) {
  std::uint64_t product = tensor_type_size(type);
  bool empty = false;
  for (const std::int64_t size : shape) {
    empty = empty || size == 0;
    const auto factor = static_cast<std::uint64_t>(std::max<std::int64_t>(size, 1));
    if (__builtin_mul_overflow(product, factor, &product)) return std::nullopt;
  }
  if (product > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  return empty ? 0 : product;
}

// One tensor of a header: where its bytes lie in the data part.
struct Entry {
  std::string name;
  TensorType type = TensorType::f32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

const Json& entry_member(const Json& entry, const char* key, const std::string& place) {
  const auto found = entry.find(key);
  if (found == entry.end()) {
    fail(ErrorCode::corrupt, "expected `{}`, got no such key, in {}", key, place);
  }
  return *found;
}

TensorType read_type(const Json& value, const std::string& place) {
  if (!value.is_string()) {
    fail(ErrorCode::corrupt, "expected the name of a type, got {}, in {}/dtype",
         json_summary(value), place);
  }
  const auto& name = value.get_ref<const std::string&>();
  const std::optional<TensorType> type = parse_tensor_type(name);
  if (type) return *type;
  const bool known = std::count(kOtherTypes.begin(), kOtherTypes.end(), name) > 0;
  fail(known ? ErrorCode::unsupported : ErrorCode::corrupt,
       "expected one of F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL, got {}, in {}/dtype",
       shown(name), place);
}

std::uint64_t read_count(const Json& value, const std::string& place) {
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kLargest) {
    fail(ErrorCode::corrupt, "expected a whole number from 0 to {}, got {}, in {}", kLargest,
         json_summary(value), place);
  }
  return value.get<std::uint64_t>();
}

std::vector<std::int64_t> read_shape(const Json& value, const std::string& place) {
  if (!value.is_array() || value.size() > kMaxRank) {
    fail(ErrorCode::corrupt, "expected a list of at most {} sizes, got {}, in {}/shape", kMaxRank,
         json_summary(value), place);
  }
  std::vector<std::int64_t> shape;
  for (const Json& size : value) {
    shape.push_back(static_cast<std::int64_t>(read_count(size, place + "/shape")));
  }
  return shape;
}

Entry read_entry(const std::string& name, const Json& value, std::uint64_t data_bytes,
                 const std::string& file) {
  const std::string place = file + "/" + shown(name);
  if (!value.is_object()) {
    fail(ErrorCode::corrupt, "expected an object, got {}, in {}", json_summary(value), place);
  }
  Entry entry;
  entry.name = name;
  entry.type = read_type(entry_member(value, "dtype", place), place);
  entry.shape = read_shape(entry_member(value, "shape", place), place);
  const Json& offsets = entry_member(value, "data_offsets", place);
  if (!offsets.is_array() || offsets.size() != 2) {
    fail(ErrorCode::corrupt, "expected two numbers, got {}, in {}/data_offsets",
         json_summary(offsets), place);
  }
  entry.begin = read_count(offsets[0], place + "/data_offsets");
  entry.end = read_count(offsets[1], place + "/data_offsets");
  check(entry.begin <= entry.end && entry.end <= data_bytes, ErrorCode::corrupt,
        "expected offsets within the {} bytes of data, got {} to {}, in {}/data_offsets",
        data_bytes, entry.begin, entry.end, place);
  const std::optional<std::uint64_t> size = byte_size(entry.type, entry.shape);
  check(size.has_value(), ErrorCode::corrupt,
        "expected a size that fits into 63 bits, got the shape {}, in {}", shape_text(entry.shape),
        place);
  check(entry.end - entry.begin == *size, ErrorCode::corrupt,
        "expected {} bytes for {} of shape {}, got {}, in {}/data_offsets", *size,
        tensor_type_name(entry.type), shape_text(entry.shape), entry.end - entry.begin, place);
  return entry;
}

std::map<std::string, std::string> read_metadata(const Json& value, const std::string& file) {
  const std::string place = file + "/" + kMetadataKey;
  if (!value.is_object()) {
    fail(ErrorCode::corrupt, "expected an object, got {}, in {}", json_summary(value), place);
  }
  std::map<std::string, std::string> metadata;
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) {
      fail(ErrorCode::corrupt, "expected a text, got {}, in {}/{}", json_summary(text), place,
           shown(key));
    }
    metadata[key] = text.get<std::string>();
  }
  return metadata;
}

// The tensors must cover the data part exactly, so that nothing can hide in a file.
void check_coverage(const std::vector<Entry>& entries, std::uint64_t data_bytes,
                    const std::string& file) {
  std::uint64_t covered = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != covered) {
      fail(ErrorCode::corrupt, "expected data at offset {} (no {}), got {} to {}, in {}/{}",
           covered, entry.begin < covered ? "overlap" : "hole", entry.begin, entry.end, file,
           shown(entry.name));
    }
    covered = entry.end;
  }
  check(covered == data_bytes, ErrorCode::corrupt,
        "expected {} bytes of data, got {}, in {} (cut short, or bytes that belong to no tensor)",
        covered, data_bytes, file);
}

// The JSON text between the length and the data.
std::string_view header_text(std::span<const std::byte> bytes, const std::string& file) {
  check(bytes.size() >= kLengthBytes, ErrorCode::corrupt,
        "expected a safetensors file of at least {} bytes, got {}, in {}", kLengthBytes,
        bytes.size(), file);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  const std::uint64_t rest = bytes.size() - kLengthBytes;
  check(length > 0 && length <= std::min(rest, kMaxHeaderBytes), ErrorCode::corrupt,
        "expected a header of 1 to {} bytes, got {}, in {}", std::min(rest, kMaxHeaderBytes),
        length, file);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, length);
  check(text.front() == '{', ErrorCode::corrupt,
        "expected a header that begins with '{{', got byte {:#04x}, in {}",
        static_cast<unsigned char>(text.front()), file);
  return text;
}

void check_tensor(const NamedTensor& tensor, const std::string& file) {
  const std::string place = file + "/" + shown(tensor.name);
  check(is_utf8(tensor.name) && tensor.name != kMetadataKey, ErrorCode::invalid_argument,
        "expected a name in UTF-8 other than {}, got {}", kMetadataKey, place);
  const bool negative = std::any_of(tensor.shape.begin(), tensor.shape.end(),
                                    [](std::int64_t size) { return size < 0; });
  const std::optional<std::uint64_t> size = byte_size(tensor.type, tensor.shape);
  check(!negative && size && tensor.shape.size() <= kMaxRank, ErrorCode::invalid_argument,
        "expected at most {} sizes, none negative, got the shape {}, in {}", kMaxRank,
        shape_text(tensor.shape), place);
  check(tensor.bytes.size() == *size, ErrorCode::invalid_argument,
        "expected {} bytes for {} of shape {}, got {}, in {}", *size, tensor_type_name(tensor.type),
        shape_text(tensor.shape), tensor.bytes.size(), place);
}

std::string make_header(const std::vector<NamedTensor>& tensors,
                        const std::map<std::string, std::string>& metadata,
                        const std::string& file) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  for (const auto& [key, text] : metadata) {
    check(is_utf8(key) && is_utf8(text), ErrorCode::invalid_argument,
          "expected metadata in UTF-8, got the entry {}, in {}", shown(key), file);
    header[kMetadataKey][key] = text;
  }
  std::uint64_t offset = 0;
  // push_back: ordered_json looks a key up by going through all of them.
  auto& members = header.get_ref<nlohmann::ordered_json::object_t&>();
  for (const NamedTensor& tensor : tensors) {
    const std::uint64_t end = offset + tensor.bytes.size();
    members.push_back({tensor.name,
                       {{"dtype", tensor_type_name(tensor.type)},
                        {"shape", tensor.shape},
                        {"data_offsets", {offset, end}}}});
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  check(text.size() <= kMaxHeaderBytes, ErrorCode::invalid_argument,
        "expected a header of at most {} bytes, got {}, in {}", kMaxHeaderBytes, text.size(), file);
  return text;
}

}  // namespace

std::string_view tensor_type_name(TensorType type) { return kTypes[type_rank(type)].name; }

std::size_t tensor_type_size(TensorType type) { return kTypes[type_rank(type)].size; }

std::optional<TensorType> parse_tensor_type(std::string_view name) {
  for (const TypeInfo& info : kTypes) {
    if (info.name == name) return info.type;
  }
  return std::nullopt;
}

SafetensorsFile SafetensorsFile::parse(std::span<const std::byte> bytes, const std::string& name) {
  const std::string_view text = header_text(bytes, name);
  const std::span<const std::byte> data = bytes.subspan(kLengthBytes + text.size());
  const Json header = parse_json_text(text, name);

  SafetensorsFile file;
  file.file_name_ = name;
  std::vector<Entry> entries;
  for (const auto& [key, value] : header.items()) {
    if (key == kMetadataKey) {
      file.metadata_ = read_metadata(value, name);
    } else {
      entries.push_back(read_entry(key, value, data.size(), name));
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  check_coverage(entries, data.size(), name);

  for (Entry& entry : entries) {
    file.names_.push_back(entry.name);
    file.tensors_.emplace(std::move(entry.name),
                          TensorView{entry.type, std::move(entry.shape),
                                     data.subspan(entry.begin, entry.end - entry.begin)});
  }
  return file;
}

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  auto mapping = std::make_shared<const MappedFile>(path);
  SafetensorsFile file = parse(mapping->bytes(), path.string());
  file.mapping_ = std::move(mapping);
  return file;
}

const TensorView* SafetensorsFile::find(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

const TensorView& SafetensorsFile::at(const std::string& name) const {
  const TensorView* tensor = find(name);
  if (tensor == nullptr) {
    fail(ErrorCode::not_found, "expected a tensor {}, got none of that name, in {}", shown(name),
         file_name_);
  }
  return *tensor;
}

void write_safetensors(const std::filesystem::path& path, std::vector<NamedTensor> tensors,
                       const std::map<std::string, std::string>& metadata) {
  const std::string file = path.string();
  std::set<std::string_view> names;
  for (const NamedTensor& tensor : tensors) {
    check_tensor(tensor, file);
    check(names.insert(tensor.name).second, ErrorCode::invalid_argument,
          "expected each tensor once, got {} twice, in {}", shown(tensor.name), file);
  }
  std::sort(tensors.begin(), tensors.end(), [](const NamedTensor& a, const NamedTensor& b) {
    const std::size_t rank_a = type_rank(a.type);
    const std::size_t rank_b = type_rank(b.type);
    return std::tie(rank_a, a.name) < std::tie(rank_b, b.name);
  });
  const std::string header = make_header(tensors, metadata, file);
  const std::uint64_t length = header.size();

  AtomicFile output(path);
  output.write(std::as_bytes(std::span(&length, 1)));
  output.write(header);
  for (const NamedTensor& tensor : tensors) output.write(tensor.bytes);
  output.commit();
}

}  // namespace reckon
