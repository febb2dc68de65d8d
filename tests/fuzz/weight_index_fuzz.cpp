// model.safetensors.index.json beside two good shards of one tensor each.
#include <cstring>

#include "core/files.h"
#include "policy/weight_files.h"
#include "tests/fuzz/fuzz_input.h"

using namespace reckon;

namespace {

/// A folder with the shards; removed when the process ends.
class ShardFolder {
 public:
  ShardFolder() {
    const float value = 1.0F;
    const auto bytes = std::as_bytes(std::span(&value, 1));
    write_safetensors(path() / "a.safetensors", {{"a", TensorType::f32, {1}, bytes}});
    write_safetensors(path() / "b.safetensors", {{"b", TensorType::f32, {1, 1}, bytes}});
  }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TempFolder folder_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ShardFolder shards;
  const auto index = shards.path() / "model.safetensors.index.json";
  std::FILE* file = std::fopen(index.c_str(), "wb");
  fuzz::must(file != nullptr);
  fuzz::must(std::fwrite(data, 1, size, file) == size);
  std::fclose(file);
  fuzz::may_refuse([&] {
    const auto weights = policy::WeightFiles::open(shards.path());
    for (const std::string& name : weights.names()) {
      fuzz::must(weights.find(name)->bytes.size() == 4);
      fuzz::must(weights.path_of(name).parent_path() == shards.path());
    }
  });
  return 0;
}
