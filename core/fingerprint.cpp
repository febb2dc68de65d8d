#include "core/fingerprint.h"

#include <algorithm>
#include <vector>

#include "core/files.h"
#include "core/hash.h"

namespace reckon {
namespace {

constexpr size_t kWhole = size_t{16} << 20;
constexpr size_t kPieces = 256;
constexpr size_t kPiece = kWhole / kPieces;

uint64_t add(uint64_t hash, uint64_t value) { return mix64(hash ^ mix64(value)); }

uint64_t hash_bytes(std::span<const std::byte> bytes) {
  return fnv1a({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

uint64_t file_fingerprint(const std::filesystem::path& path) {
  const MappedFile file(path);
  const auto bytes = file.bytes();
  uint64_t hash = mix64(bytes.size());
  const auto kind = path.extension();
  const bool is_weights = kind == ".safetensors" || kind == ".gguf";
  if (bytes.size() <= kWhole || !is_weights) return add(hash, hash_bytes(bytes));
  for (size_t i = 0; i < kPieces; ++i) {
    const size_t begin = (bytes.size() - kPiece) / (kPieces - 1) * i;
    hash = add(hash, hash_bytes(bytes.subspan(begin, kPiece)));
  }
  return add(hash, hash_bytes(bytes.last(kPiece)));
}

}  // namespace

uint64_t fingerprint(const std::filesystem::path& path) {
  std::error_code missing;
  if (std::filesystem::is_regular_file(path, missing)) return file_fingerprint(path);
  if (!std::filesystem::is_directory(path, missing)) return 0;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  uint64_t hash = 1;
  for (const auto& file : files) {
    hash = add(add(hash, fnv1a(file.filename().string())), file_fingerprint(file));
  }
  return hash;
}

}  // namespace reckon
