#include "policy/weight_files.h"

#include <map>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"

namespace reckon::policy {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::size_t kMaxShards = 4096;  // all of them are open at once
constexpr std::string_view kSuffix = ".safetensors";

// A name for messages: hostile files hold long ones and control characters.
std::string shown(const std::string& name) { return json_summary(json(name)); }

// The name of a file directly in the folder: no path leads out of it, and no index names an index.
const std::string& shard_name(const json& value, const std::string& place) {
  if (!value.is_string()) {
    fail(ErrorCode::corrupt, "expected the name of a file, got {}, in {}", json_summary(value),
         place);
  }
  const auto& name = value.get_ref<const std::string&>();
  const bool plain = name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
  check(plain && name.size() > kSuffix.size() && name.size() < 256 && name.ends_with(kSuffix),
        ErrorCode::corrupt, "expected the name of a {} file in the same folder, got {}, in {}",
        kSuffix, json_summary(value), place);
  return name;
}

// Shards by name with the number of tensors that the index puts there.
std::map<std::string, std::size_t> shard_sizes(const json& weight_map, const std::string& place) {
  std::map<std::string, std::size_t> sizes;
  for (const auto& [tensor, file] : weight_map.items()) {
    ++sizes[shard_name(file, json_pointer(place, tensor))];
    check(sizes.size() <= kMaxShards, ErrorCode::corrupt,
          "expected at most {} shards, got more, in {}", kMaxShards, place);
  }
  return sizes;
}

}  // namespace

void WeightFiles::add_shard(const fs::path& path) {
  Shard shard{path, SafetensorsFile::open(path)};
  for (const std::string& name : shard.file.names()) {
    const auto [other, is_new] = shard_of_.emplace(name, shards_.size());
    if (!is_new) {
      fail(ErrorCode::corrupt, "expected each tensor in one shard, got {} also in {}, in {}",
           shown(name), shards_[other->second].path.filename().string(), path.string());
    }
    names_.push_back(name);
  }
  shards_.push_back(std::move(shard));
}

WeightFiles WeightFiles::open_index(const fs::path& index) {
  const std::string file = index.string();
  const json document = read_json_file(index);
  const auto found = document.is_object() ? document.find("weight_map") : document.end();
  check(found != document.end() && found->is_object() && !found->empty(), ErrorCode::corrupt,
        "expected an object from tensors to files, got none, in {}/weight_map", file);
  const std::string place = file + "/weight_map";
  const std::map<std::string, std::size_t> sizes = shard_sizes(*found, place);

  WeightFiles files;
  files.path_ = index;
  for (const auto& [name, tensors] : sizes) {
    const fs::path path = index.parent_path() / name;
    files.add_shard(path);
    const std::size_t held = files.shards_.back().file.names().size();
    check(held <= tensors, ErrorCode::corrupt,
          "expected the {} tensors that the index lists, got {}, in {}", tensors, held,
          path.string());
  }
  for (const auto& [tensor, name] : found->items()) {
    const auto shard = files.shard_of_.find(tensor);
    if (shard == files.shard_of_.end() ||
        files.shards_[shard->second].path.filename() != name.get_ref<const std::string&>()) {
      fail(ErrorCode::corrupt, "expected the tensor {} that the index lists, got none, in {}",
           shown(tensor), (index.parent_path() / name.get_ref<const std::string&>()).string());
    }
  }
  return files;
}

WeightFiles WeightFiles::open(const fs::path& folder) {
  const fs::path single = folder / "model.safetensors";
  const fs::path index = folder / "model.safetensors.index.json";
  std::error_code ignored;
  if (!fs::exists(single, ignored) && fs::exists(index, ignored)) return open_index(index);
  check(fs::exists(single, ignored), ErrorCode::not_found,
        "expected model.safetensors or model.safetensors.index.json, got neither, in {}",
        folder.string());
  WeightFiles files;
  files.path_ = single;
  files.add_shard(single);
  return files;
}

const TensorView* WeightFiles::find(const std::string& name) const {
  const auto shard = shard_of_.find(name);
  return shard == shard_of_.end() ? nullptr : shards_[shard->second].file.find(name);
}

const fs::path& WeightFiles::path_of(const std::string& name) const {
  const auto shard = shard_of_.find(name);
  if (shard == shard_of_.end()) {
    fail(ErrorCode::not_found, "expected a tensor {}, got none of that name, in {}", shown(name),
         path_.string());
  }
  return shards_[shard->second].path;
}

}  // namespace reckon::policy
