#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/safetensors.h"

namespace reckon::policy {

/// The weights of a Hugging Face folder: `model.safetensors`, or the shards that
/// `model.safetensors.index.json` lists; where both exist the single file wins, as in transformers.
/// Everything is checked when it is opened: each shard is a file of the folder itself, each tensor
/// lies in the shard that the index names and in no other, and no shard holds a tensor that the
/// index does not know. Reading is thread-safe.
class WeightFiles {
 public:
  /// Maps and checks the files. Throws Error(not_found) if there is no such file or a shard is
  /// missing, Error(corrupt) for a malformed file or index, else like SafetensorsFile::open.
  static WeightFiles open(const std::filesystem::path& folder);

  /// Names of all tensors: shard by shard in the order of the shards' names, and within a shard in
  /// the order of the data.
  const std::vector<std::string>& names() const { return names_; }

  /// The tensor called `name`, or null. Valid as long as this object or a copy of it.
  const TensorView* find(const std::string& name) const;

  /// The file that holds the tensor called `name`; Error(not_found) if there is no such tensor.
  const std::filesystem::path& path_of(const std::string& name) const;

  /// The file that lists the tensors, for messages about all of them: the index or the single file.
  const std::filesystem::path& path() const { return path_; }

 private:
  struct Shard {
    std::filesystem::path path;
    SafetensorsFile file;
  };

  WeightFiles() = default;
  void add_shard(const std::filesystem::path& path);
  static WeightFiles open_index(const std::filesystem::path& index);

  std::filesystem::path path_;
  std::vector<Shard> shards_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> shard_of_;  // by tensor
};

}  // namespace reckon::policy
