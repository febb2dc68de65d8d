#include "policy/gguf/gguf_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/utf8.h"

namespace reckon::policy {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF numbers are read as they lie");

constexpr std::string_view kMagic = "GGUF";
constexpr std::uint32_t kOldestVersion = 2;
constexpr std::uint32_t kNewestVersion = 3;
constexpr std::uint64_t kMaxKeyBytes = 65535;      // of the specification
constexpr std::uint64_t kMaxTensorNameBytes = 64;  // of the specification
constexpr std::uint32_t kMaxRank = 4;              // of ggml
constexpr std::size_t kMaxNesting = 8;             // of lists in lists
constexpr std::uint64_t kMaxAlignment = 1 << 20;
constexpr std::uint64_t kDefaultAlignment = 32;
constexpr const char* kAlignmentKey = "general.alignment";
// The fewest bytes of an entry, so that hostile counts are refused before anything is stored.
constexpr std::uint64_t kMinMetadataBytes = 8 + 4 + 1;
constexpr std::uint64_t kMinTensorBytes = 8 + 4 + 4 + 8;

// A name for messages: hostile files hold long ones and control characters.
std::string shown(std::string_view name) { return json_summary(nlohmann::json(name)); }

// Bytes of a number of this type; 0 for texts and lists.
std::size_t number_bytes(GgufType type) {
  switch (type) {
    case GgufType::u8:
    case GgufType::i8:
    case GgufType::boolean:
      return 1;
    case GgufType::u16:
    case GgufType::i16:
      return 2;
    case GgufType::u32:
    case GgufType::i32:
    case GgufType::f32:
      return 4;
    case GgufType::u64:
    case GgufType::i64:
    case GgufType::f64:
      return 8;
    default:
      return 0;
  }
}

template <class T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

GgufValue load_number(GgufType type, const std::byte* at) {
  switch (type) {
    case GgufType::u8:
      return std::uint64_t{load<std::uint8_t>(at)};
    case GgufType::i8:
      return std::int64_t{load<std::int8_t>(at)};
    case GgufType::u16:
      return std::uint64_t{load<std::uint16_t>(at)};
    case GgufType::i16:
      return std::int64_t{load<std::int16_t>(at)};
    case GgufType::u32:
      return std::uint64_t{load<std::uint32_t>(at)};
    case GgufType::i32:
      return std::int64_t{load<std::int32_t>(at)};
    case GgufType::f32:
      return double{load<float>(at)};
    case GgufType::boolean:
      return load<std::uint8_t>(at) != 0;
    case GgufType::u64:
      return load<std::uint64_t>(at);
    case GgufType::i64:
      return load<std::int64_t>(at);
    case GgufType::f64:
      return load<double>(at);
    default:
      return std::uint64_t{0};
  }
}

// A tensor's entry in the list before the data.
struct TensorEntry {
  std::string name;
  GgufTensor tensor;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

}  // namespace

// Reads one file from its beginning to the list of tensors.
class GgufParser {
 public:
  GgufParser(std::span<const std::byte> bytes, const std::string& name)
      : bytes_(bytes), name_(name) {}

  GgufFile parse();

 private:
  std::uint64_t left() const { return bytes_.size() - at_; }
  std::span<const std::byte> take(std::uint64_t size, const std::string& place);
  template <class T>
  T read(const std::string& place) {
    return load<T>(take(sizeof(T), place).data());
  }
  std::uint64_t read_count(std::uint64_t bytes_each, const std::string& place);
  std::string_view read_text(std::uint64_t most, const std::string& place);
  GgufType read_type(const std::string& place);
  GgufValue read_value(GgufType type, std::size_t nesting, const std::string& place);
  GgufArray read_array(std::size_t nesting, const std::string& place);
  void read_version();
  void read_metadata(GgufFile& file, std::uint64_t count);
  std::uint64_t read_alignment(const GgufFile& file) const;
  TensorEntry read_tensor();
  void place_tensors(GgufFile& file, std::vector<TensorEntry> entries) const;

  std::span<const std::byte> bytes_;
  const std::string& name_;
  std::uint64_t at_ = 0;
};

std::span<const std::byte> GgufParser::take(std::uint64_t size, const std::string& place) {
  check(size <= left(), ErrorCode::corrupt, "expected {} bytes at offset {}, got {}, in {}", size,
        at_, left(), place);
  const auto taken = bytes_.subspan(at_, size);
  at_ += size;
  return taken;
}

std::uint64_t GgufParser::read_count(std::uint64_t bytes_each, const std::string& place) {
  const auto count = read<std::uint64_t>(place);
  check(count <= left() / bytes_each, ErrorCode::corrupt,
        "expected a count for which the {} bytes after offset {} suffice, got {}, in {}", left(),
        at_, count, place);
  return count;
}

std::string_view GgufParser::read_text(std::uint64_t most, const std::string& place) {
  const std::uint64_t size = read_count(1, place);
  check(size <= most, ErrorCode::corrupt, "expected a text of at most {} bytes, got {}, in {}",
        most, size, place);
  const auto taken = take(size, place);
  const std::string_view text(reinterpret_cast<const char*>(taken.data()), taken.size());
  check(is_utf8(text), ErrorCode::corrupt,
        "expected UTF-8, got other bytes before offset {}, in {}", at_, place);
  return text;
}

GgufType GgufParser::read_type(const std::string& place) {
  const auto number = read<std::uint32_t>(place);
  check(number <= static_cast<std::uint32_t>(GgufType::f64), ErrorCode::corrupt,
        "expected a value type from 0 to 12, got {}, in {}", number, place);
  return static_cast<GgufType>(number);
}

GgufArray GgufParser::read_array(std::size_t nesting, const std::string& place) {
  check(nesting <= kMaxNesting, ErrorCode::corrupt,
        "expected lists nested at most {} deep, got more, in {}", kMaxNesting, place);
  GgufArray array;
  array.item_type = read_type(place);
  const std::size_t bytes_each = number_bytes(array.item_type);
  if (bytes_each > 0) {
    array.size = read_count(bytes_each, place);
    array.numbers = take(array.size * bytes_each, place);
  } else if (array.item_type == GgufType::string) {
    array.size = read_count(8, place);
    array.texts.reserve(array.size);
    for (std::size_t i = 0; i < array.size; ++i) array.texts.push_back(read_text(left(), place));
  } else {
    array.size = read_count(12, place);
    for (std::size_t i = 0; i < array.size; ++i) {
      array.arrays.emplace_back(read_array(nesting + 1, place));
    }
  }
  return array;
}

GgufValue GgufParser::read_value(GgufType type, std::size_t nesting, const std::string& place) {
  if (type == GgufType::array) return read_array(nesting, place);
  if (type == GgufType::string) return read_text(left(), place);
  return load_number(type, take(number_bytes(type), place).data());
}

void GgufParser::read_version() {
  const auto magic = take(kMagic.size(), name_);
  check(std::memcmp(magic.data(), kMagic.data(), kMagic.size()) == 0, ErrorCode::corrupt,
        "expected a file that begins with {}, got other bytes, in {}", kMagic, name_);
  const auto version = read<std::uint32_t>(name_);
  const bool swapped = version > 0xFFFF && (version & 0xFFFF) == 0;
  check(!swapped, ErrorCode::unsupported,
        "expected a little-endian file, got a big-endian one, in {}", name_);
  check(version >= kOldestVersion && version <= kNewestVersion, ErrorCode::unsupported,
        "expected GGUF version {} or {}, got {}, in {}", kOldestVersion, kNewestVersion, version,
        name_);
}

void GgufParser::read_metadata(GgufFile& file, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string_view key = read_text(kMaxKeyBytes, name_ + "/metadata");
    const std::string place = name_ + "/" + shown(key);
    GgufValue value = read_value(read_type(place), 1, place);
    check(file.metadata_.emplace(key, std::move(value)).second, ErrorCode::corrupt,
          "expected each key once, got this one twice, in {}", place);
  }
}

std::uint64_t GgufParser::read_alignment(const GgufFile& file) const {
  const GgufValue* value = file.find(kAlignmentKey);
  if (value == nullptr) return kDefaultAlignment;
  const auto* alignment = std::get_if<std::uint64_t>(value);
  check(alignment != nullptr && std::has_single_bit(*alignment) && *alignment <= kMaxAlignment,
        ErrorCode::corrupt, "expected a power of two up to {}, got {}, in {}/{}", kMaxAlignment,
        alignment == nullptr ? 0 : *alignment, name_, kAlignmentKey);
  return *alignment;
}

TensorEntry GgufParser::read_tensor() {
  TensorEntry entry;
  entry.name = read_text(kMaxTensorNameBytes, name_ + "/tensors");
  const std::string place = name_ + "/" + shown(entry.name);
  const auto rank = read<std::uint32_t>(place);
  check(rank <= kMaxRank, ErrorCode::corrupt, "expected at most {} sizes, got {}, in {}", kMaxRank,
        rank, place);
  std::uint64_t count = 1;
  for (std::uint32_t i = 0; i < rank; ++i) {
    const auto size = read<std::uint64_t>(place);
    const bool overflow = __builtin_mul_overflow(count, size, &count);
    check(size > 0 && !overflow && count <= std::numeric_limits<std::int64_t>::max() / 4,
          ErrorCode::corrupt, "expected positive sizes of a product below 2^61, got {}, in {}",
          size, place);
    entry.tensor.shape.insert(entry.tensor.shape.begin(), static_cast<std::int64_t>(size));
  }
  const auto type = read<std::uint32_t>(place);
  const GgmlTypeInfo* info = find_ggml_type(type);
  if (info == nullptr) {
    const std::string_view other = other_ggml_type_name(type);
    fail(other.empty() ? ErrorCode::corrupt : ErrorCode::unsupported,
         "expected F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 or Q2_K to Q6_K, got type {} {}, "
         "in {}",
         type, other, place);
  }
  entry.tensor.type = info->type;
  const std::uint64_t row =
      entry.tensor.shape.empty() ? 1 : static_cast<std::uint64_t>(entry.tensor.shape.back());
  check(row % info->block_values == 0, ErrorCode::corrupt,
        "expected rows of a multiple of {} values for {}, got {}, in {}", info->block_values,
        info->name, row, place);
  entry.size = count / info->block_values * info->block_bytes;
  entry.offset = read<std::uint64_t>(place);
  return entry;
}

void GgufParser::place_tensors(GgufFile& file, std::vector<TensorEntry> entries) const {
  const std::uint64_t alignment = read_alignment(file);
  const std::uint64_t begin = (at_ + alignment - 1) / alignment * alignment;
  const std::uint64_t data = begin <= bytes_.size() ? bytes_.size() - begin : 0;
  std::sort(entries.begin(), entries.end(),
            [](const TensorEntry& a, const TensorEntry& b) { return a.offset < b.offset; });
  std::uint64_t end = 0;
  for (TensorEntry& entry : entries) {
    const std::string place = name_ + "/" + shown(entry.name);
    check(entry.offset % alignment == 0, ErrorCode::corrupt,
          "expected an offset that is a multiple of {}, got {}, in {}", alignment, entry.offset,
          place);
    check(entry.offset <= data && entry.size <= data - entry.offset, ErrorCode::corrupt,
          "expected {} bytes at offset {} of the {} bytes of data, got fewer, in {}", entry.size,
          entry.offset, data, place);
    check(entry.offset >= end, ErrorCode::corrupt,
          "expected data at offset {} or later, got {} (an overlap), in {}", end, entry.offset,
          place);
    end = entry.offset + entry.size;
    entry.tensor.bytes = bytes_.subspan(begin + entry.offset, entry.size);
    const bool is_new = file.tensors_.emplace(entry.name, std::move(entry.tensor)).second;
    check(is_new, ErrorCode::corrupt, "expected each tensor once, got this one twice, in {}",
          place);
  }
}

GgufFile GgufParser::parse() {
  GgufFile file;
  file.file_name_ = name_;
  read_version();
  const std::uint64_t tensors = read_count(kMinTensorBytes, name_ + "/tensor_count");
  const std::uint64_t values = read_count(kMinMetadataBytes, name_ + "/metadata_kv_count");
  read_metadata(file, values);
  std::vector<TensorEntry> entries;
  for (std::uint64_t i = 0; i < tensors; ++i) {
    entries.push_back(read_tensor());
    file.names_.push_back(entries.back().name);
  }
  place_tensors(file, std::move(entries));
  return file;
}

GgufValue GgufArray::number(std::size_t index) const {
  const std::size_t bytes = number_bytes(item_type);
  return bytes == 0 ? GgufValue(std::uint64_t{0})
                    : load_number(item_type, numbers.data() + index * bytes);
}

std::int64_t GgufTensor::size() const {
  std::int64_t product = 1;
  for (const std::int64_t size : shape) product *= size;
  return product;
}

GgufFile GgufFile::parse(std::span<const std::byte> bytes, const std::string& name) {
  return GgufParser(bytes, name).parse();
}

GgufFile GgufFile::open(const std::filesystem::path& path) {
  auto mapping = std::make_shared<const MappedFile>(path);
  GgufFile file = parse(mapping->bytes(), path.string());
  file.mapping_ = std::move(mapping);
  return file;
}

const GgufValue* GgufFile::find(std::string_view key) const {
  const auto found = metadata_.find(key);
  return found == metadata_.end() ? nullptr : &found->second;
}

const GgufTensor* GgufFile::find_tensor(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

bool is_gguf_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::ifstream stream(path, std::ios::binary);
  std::string magic(kMagic.size(), '\0');
  return stream.read(magic.data(), static_cast<std::streamsize>(magic.size())) && magic == kMagic;
}

}  // namespace reckon::policy
