#include "policy/weight_files.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "tests/byte_mutation.h"
#include "tests/core/thrown_error.h"

namespace reckon::policy {
namespace {

using nlohmann::json;

const std::vector<float> kValues = {1, 2, 3, 4};

void write_shard(const std::filesystem::path& path, const std::vector<std::string>& names) {
  std::vector<NamedTensor> tensors;
  for (const std::string& name : names) {
    tensors.push_back({name, TensorType::f32, {4}, std::as_bytes(std::span(kValues))});
  }
  write_safetensors(path, tensors);
}

// A folder with tensors a, b in one shard and c in another.
struct ShardedFolder {
  ShardedFolder() {
    write_shard(path() / "model-1.safetensors", {"a", "b"});
    write_shard(path() / "model-2.safetensors", {"c"});
    write_index(
        {{"a", "model-1.safetensors"}, {"b", "model-1.safetensors"}, {"c", "model-2.safetensors"}});
  }

  void write_index(const json& weight_map) {
    write_file_atomic(path() / "model.safetensors.index.json",
                      json_text({{"weight_map", weight_map}, {"metadata", {{"total_size", 48}}}}));
  }

  tests::ThrownError error() const {
    return tests::thrown_by([&] { WeightFiles::open(path()); });
  }

  const std::filesystem::path& path() const { return folder.path(); }

  TempFolder folder;
};

TEST_CASE("weight files: shards are one list of tensors, each with its own file") {
  const ShardedFolder folder;
  const WeightFiles files = WeightFiles::open(folder.path());
  CHECK(files.names() == std::vector<std::string>{"a", "b", "c"});
  REQUIRE(files.find("c") != nullptr);
  CHECK(files.find("c")->bytes.size() == 16);
  CHECK(files.find("d") == nullptr);
  CHECK(files.path_of("b").filename() == "model-1.safetensors");
  CHECK(files.path_of("c").filename() == "model-2.safetensors");
  CHECK_THROWS_AS(files.path_of("d"), Error);
}

TEST_CASE("weight files: a single file wins over an index") {
  const ShardedFolder folder;
  write_shard(folder.path() / "model.safetensors", {"whole"});
  const WeightFiles files = WeightFiles::open(folder.path());
  CHECK(files.names() == std::vector<std::string>{"whole"});
  CHECK(files.path_of("whole") == files.path());
}

TEST_CASE("weight files: a folder without weights is an error that names what was looked for") {
  const TempFolder folder;
  const auto thrown = tests::thrown_by([&] { WeightFiles::open(folder.path()); });
  CHECK(thrown.code == ErrorCode::not_found);
  CHECK(thrown.says("model.safetensors.index.json"));
}

TEST_CASE("weight files: an index that leads out of the folder or to an index is refused") {
  ShardedFolder folder;
  for (const char* name :
       {"../model-1.safetensors", "/etc/x.safetensors", "sub/model.safetensors", "", ".safetensors",
        "model.safetensors.index.json", "..", "a\\b.safetensors"}) {
    CAPTURE(name);
    folder.write_index({{"a", name}});
    CHECK(folder.error().code == ErrorCode::corrupt);
    CHECK(folder.error().says("weight_map/a"));
  }
  folder.write_index({{"a", 7}});
  CHECK(folder.error().code == ErrorCode::corrupt);
}

TEST_CASE("weight files: a missing shard, a missing, moved, surplus or repeated tensor is named") {
  ShardedFolder folder;
  const std::string one = "model-1.safetensors", two = "model-2.safetensors";
  folder.write_index({{"a", one}, {"b", one}, {"c", "model-3.safetensors"}});
  CHECK(folder.error().code == ErrorCode::not_found);
  CHECK(folder.error().says("model-3.safetensors"));
  folder.write_index({{"a", one}, {"b", one}, {"c", two}, {"d", two}});
  CHECK(folder.error().code == ErrorCode::corrupt);
  CHECK(folder.error().says("\"d\""));
  folder.write_index({{"a", one}, {"b", two}, {"c", one}});
  CHECK(folder.error().code == ErrorCode::corrupt);
  folder.write_index({{"a", one}, {"c", two}});
  CHECK(folder.error().code == ErrorCode::corrupt);
  CHECK(folder.error().says(one));
  write_shard(folder.path() / two, {"a", "c"});
  folder.write_index({{"a", one}, {"b", one}, {"c", two}, {"d", two}});
  CHECK(folder.error().code == ErrorCode::corrupt);
  CHECK(folder.error().says("\"a\""));
}

TEST_CASE("weight files: an index of another form is corrupt") {
  ShardedFolder folder;
  const auto path = folder.path() / "model.safetensors.index.json";
  for (const char* text : {"[]", "{}", "{\"weight_map\": []}", "{\"weight_map\": {}}", "{"}) {
    CAPTURE(text);
    write_file_atomic(path, text);
    CHECK(folder.error().code == ErrorCode::corrupt);
  }
}

TEST_CASE("weight files: a damaged index gives files or an error, never a crash") {
  const ShardedFolder folder;
  const auto path = folder.path() / "model.safetensors.index.json";
  const std::string good = read_file(path);
  ByteMutation mutation(1);
  for (int i = 0; i < 300; ++i) {
    write_file_atomic(path, mutation.damage(good), Durability::process);
    const auto thrown = folder.error();
    CHECK((thrown.code != ErrorCode::internal || thrown.text == "nothing thrown"));
  }
}

}  // namespace
}  // namespace reckon::policy
