#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/safetensors.h"
#include "policy/gguf/gguf_model.h"
#include "policy/gguf/gguf_tensors.h"
#include "policy/gguf/model_convert.h"
#include "policy/gguf/quants.h"
#include "policy/weight_files.h"
#include "tests/core/thrown_error.h"

namespace reckon::policy {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using reckon::tests::ThrownError;

// A small configuration with heads that are not width / heads where the family allows it.
ModelConfig small_config(Architecture architecture) {
  ModelConfig c;
  c.architecture = architecture;
  c.vocab_size = 12;
  c.hidden_size = 32;
  c.intermediate_size = 48;
  c.num_hidden_layers = 2;
  c.num_attention_heads = 4;
  c.num_key_value_heads = 2;
  c.head_dim = architecture == Architecture::qwen3 ? 16 : 8;
  c.max_position_embeddings = 4096;
  c.rms_norm_eps = 1e-6;
  c.rope_theta = 500000;
  c.attention_bias = architecture == Architecture::qwen2;
  c.eos_token_ids = {2, 5, 7, 9};
  c.bos_token_id = 1;
  return c;
}

// A folder with random weights.
void write_model(const fs::path& folder, const ModelConfig& config, std::uint32_t seed = 1) {
  fs::create_directories(folder);
  write_file_atomic(folder / "config.json", json_text(write_model_config(config)));
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<std::vector<float>> data;
  std::vector<NamedTensor> tensors;
  for (const ModelTensor& tensor : model_tensors(config)) {
    std::size_t size = 1;
    for (const std::int64_t n : tensor.shape) size *= static_cast<std::size_t>(n);
    data.emplace_back(size);
    for (float& value : data.back()) value = normal(random);
    tensors.push_back(
        {tensor.hf_name, TensorType::f32, tensor.shape, std::as_bytes(std::span(data.back()))});
  }
  write_safetensors(folder / "model.safetensors", tensors);
}

void check_equal_weights(const fs::path& a, const fs::path& b) {
  const WeightFiles left = WeightFiles::open(a), right = WeightFiles::open(b);
  CHECK(left.names().size() == right.names().size());
  for (const std::string& name : left.names()) {
    CAPTURE(name);
    const TensorView* one = left.find(name);
    const TensorView* two = right.find(name);
    REQUIRE(two != nullptr);
    CHECK(one->shape == two->shape);
    CHECK(one->type == two->type);
    REQUIRE(one->bytes.size() == two->bytes.size());
    CHECK(std::memcmp(one->bytes.data(), two->bytes.data(), one->bytes.size()) == 0);
  }
}

ModelConfig config_of(const fs::path& folder) {
  return parse_model_config(read_json_file(folder / "config.json"), folder.string());
}

// The configurations as a config.json says them.
json config_json(ModelConfig config) { return write_model_config(config); }

void check_round_trip(const ModelConfig& config) {
  const TempFolder folder;
  write_model(folder.path() / "model", config);
  convert_model(folder.path() / "model", folder.path() / "model.gguf", {.type = GgmlType::f32});
  convert_model(folder.path() / "model.gguf", folder.path() / "back", {});
  check_equal_weights(folder.path() / "model", folder.path() / "back");
  CHECK(config_json(config_of(folder.path() / "back")) == config_json(config));
}

TEST_CASE("convert: F32 models survive the way through GGUF bit by bit, configuration included") {
  for (const Architecture architecture :
       {Architecture::llama, Architecture::qwen2, Architecture::qwen3}) {
    ModelConfig config = small_config(architecture);
    check_round_trip(config);
    config.tie_word_embeddings = true;
    config.rope_scaling = {.kind = RopeScaling::Kind::linear, .factor = 2.5};
    check_round_trip(config);
    config.rope_scaling = {.kind = RopeScaling::Kind::yarn,
                           .factor = 4,
                           .original_max_position_embeddings = 1024,
                           .attention_factor = 0.1 * std::log(4.0) + 1};
    check_round_trip(config);
  }
}

TEST_CASE("convert: biases and llama3 scaling survive the way through GGUF") {
  ModelConfig config = small_config(Architecture::llama);
  config.attention_bias = config.attention_output_bias = config.mlp_bias = true;
  config.rope_scaling = {.kind = RopeScaling::Kind::llama3,
                         .factor = 32,
                         .original_max_position_embeddings = 96,
                         .low_freq_factor = 1,
                         .high_freq_factor = 4};
  check_round_trip(config);
}

TEST_CASE("convert: the golden models become GGUF files with the same values") {
  for (const char* name : {"model_llama_tiny", "model_qwen2_tiny", "model_qwen3_tiny"}) {
    CAPTURE(name);
    const fs::path golden = fs::path("tests/golden") / name;
    const TempFolder folder;
    const ConvertResult result = convert_model(golden, folder.path() / "model.gguf", {});
    CHECK(result.type == GgmlType::f32);
    CHECK(result.warnings.size() == 1);  // no tokenizer
    const GgufModel model = GgufModel::open(folder.path() / "model.gguf");
    const SafetensorsFile file = SafetensorsFile::open(golden / "model.safetensors");
    CHECK(model.names().size() == file.names().size());
    for (const std::string& tensor : model.names()) {
      const auto expected = file.at(tensor).bytes;
      std::vector<float> values(expected.size() / sizeof(float));
      model.read(tensor, values);
      CHECK(std::memcmp(values.data(), expected.data(), expected.size()) == 0);
    }
  }
}

TEST_CASE("convert: what GGUF cannot say is refused before a file is written") {
  const TempFolder folder;
  ModelConfig config = small_config(Architecture::qwen2);
  config.rope_scaling = {
      .kind = RopeScaling::Kind::llama3, .factor = 8, .original_max_position_embeddings = 1024};
  const auto refused = [&] {
    write_model(folder.path() / "model", config);
    const ThrownError thrown = reckon::tests::thrown_by(
        [&] { convert_model(folder.path() / "model", folder.path() / "out.gguf", {}); });
    CAPTURE(thrown.text);
    CHECK_FALSE(fs::exists(folder.path() / "out.gguf"));
    return thrown.code == ErrorCode::unsupported;
  };
  CHECK(refused());
  config.rope_scaling = {.kind = RopeScaling::Kind::yarn,
                         .factor = 8,
                         .original_max_position_embeddings = 1024,
                         .truncate = false};
  CHECK(refused());
}

TEST_CASE("convert: types are kept or chosen, norms stay F32, odd rows fall back to F16") {
  const TempFolder folder;
  write_model(folder.path() / "model", small_config(Architecture::llama));
  const auto type_of = [&](const char* file, const char* tensor) {
    return GgufModel::open(folder.path() / file).type(tensor);
  };
  const std::string down = "model.layers.0.mlp.down_proj.weight";
  const std::string up = "model.layers.0.mlp.up_proj.weight";
  convert_model(folder.path() / "model", folder.path() / "q8.gguf", {.type = GgmlType::q8_0});
  CHECK(type_of("q8.gguf", up.c_str()) == GgmlType::q8_0);
  CHECK(type_of("q8.gguf", down.c_str()) == GgmlType::f16);  // rows of 48
  CHECK(type_of("q8.gguf", "model.norm.weight") == GgmlType::f32);
  CHECK(convert_model(folder.path() / "q8.gguf", folder.path() / "f16", {}).type == GgmlType::f16);
  CHECK(WeightFiles::open(folder.path() / "f16").find(up)->type == TensorType::f16);
  CHECK(read_json_file(folder.path() / "f16" / "config.json").at("torch_dtype") == "float16");

  convert_model(folder.path() / "model", folder.path() / "bf16", {.type = GgmlType::bf16});
  CHECK(WeightFiles::open(folder.path() / "bf16").find("model.norm.weight")->type ==
        TensorType::bf16);
  convert_model(folder.path() / "bf16", folder.path() / "bf16.gguf", {});
  CHECK(type_of("bf16.gguf", up.c_str()) == GgmlType::bf16);
  convert_model(folder.path() / "bf16.gguf", folder.path() / "again", {});
  check_equal_weights(folder.path() / "bf16", folder.path() / "again");
}

TEST_CASE("convert: large weights are divided into files with an index") {
  const TempFolder folder;
  write_model(folder.path() / "model", small_config(Architecture::llama));
  convert_model(folder.path() / "model", folder.path() / "parts", {.shard_bytes = 20'000});
  CHECK(fs::exists(folder.path() / "parts" / "model.safetensors.index.json"));
  CHECK_FALSE(fs::exists(folder.path() / "parts" / "model.safetensors"));
  check_equal_weights(folder.path() / "model", folder.path() / "parts");
  convert_model(folder.path() / "parts", folder.path() / "whole.gguf", {});
  convert_model(folder.path() / "whole.gguf", folder.path() / "whole", {});
  check_equal_weights(folder.path() / "model", folder.path() / "whole");
}

TEST_CASE("convert: all ids that end a text are kept, also those of generation_config.json") {
  const TempFolder folder;
  ModelConfig config = small_config(Architecture::qwen2);
  config.eos_token_ids = {3};
  write_model(folder.path() / "model", config);
  write_file_atomic(folder.path() / "model" / "generation_config.json",
                    R"({"eos_token_id": [8, 3, 4, 6]})");
  convert_model(folder.path() / "model", folder.path() / "model.gguf", {});
  CHECK(GgufModel::open(folder.path() / "model.gguf").config().eos_token_ids ==
        std::vector<std::int64_t>{8, 3, 4, 6});
  convert_model(folder.path() / "model.gguf", folder.path() / "back", {});
  CHECK(read_json_file(folder.path() / "back" / "generation_config.json").at("eos_token_id") ==
        json::array({8, 3, 4, 6}));
}

TEST_CASE("convert: nothing but a model is overwritten, and never the input") {
  const TempFolder folder;
  const fs::path model = folder.path() / "model";
  write_model(model, small_config(Architecture::llama));
  const auto refused = [&](const fs::path& input, const fs::path& output) {
    const ThrownError thrown = reckon::tests::thrown_by([&] { convert_model(input, output, {}); });
    CAPTURE(thrown.text);
    return thrown.code == ErrorCode::invalid_argument &&
           thrown.says(output.lexically_normal().string());
  };
  CHECK(refused(model, model));
  CHECK(refused(model, folder.path() / "x" / ".." / "model"));
  CHECK(refused(model, folder.path()));  // not empty, no model
  write_file_atomic(folder.path() / "notes.gguf", "my notes");
  CHECK(refused(model, folder.path() / "notes.gguf"));
  CHECK(read_file(folder.path() / "notes.gguf") == "my notes");
  write_file_atomic(folder.path() / "notes", "my notes");
  CHECK(refused(model, folder.path() / "notes"));
  convert_model(model, folder.path() / "out.gguf", {});
  CHECK(refused(folder.path() / "out.gguf", folder.path() / "out.gguf"));
  CHECK_NOTHROW(convert_model(model, folder.path() / "out.gguf", {}));  // an older result
  fs::create_directory(folder.path() / "empty");
  CHECK_NOTHROW(convert_model(model, folder.path() / "empty", {}));
  CHECK_NOTHROW(convert_model(model, folder.path() / "empty/", {}));
  check_equal_weights(model, folder.path() / "empty");
  CHECK(reckon::tests::thrown_by([&] {
          convert_model(model, folder.path() / "q8", {.type = GgmlType::q8_0});
        }).code == ErrorCode::invalid_argument);
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    CHECK(entry.path().string().find(".tmp-") == std::string::npos);
  }
}

TEST_CASE("convert: missing, surplus and misshapen tensors of a folder are named") {
  const TempFolder folder;
  const fs::path model = folder.path() / "model";
  const ModelConfig config = small_config(Architecture::llama);
  const auto error = [&](const std::function<void(std::vector<NamedTensor>&)>& change) {
    write_model(model, config);
    std::vector<NamedTensor> tensors;
    {
      const auto file = SafetensorsFile::open(model / "model.safetensors");
      for (const std::string& name : file.names()) {
        const TensorView& view = file.at(name);
        tensors.push_back({name, view.type, view.shape, view.bytes});
      }
      change(tensors);
      write_safetensors(folder.path() / "changed", tensors);
    }
    fs::rename(folder.path() / "changed", model / "model.safetensors");
    return reckon::tests::thrown_by([&] { convert_model(model, folder.path() / "out.gguf", {}); });
  };
  ThrownError thrown = error([](auto& tensors) { tensors.pop_back(); });
  CHECK(thrown.code == ErrorCode::corrupt);
  CHECK(thrown.says("expected the tensor"));
  thrown = error([](auto& tensors) { tensors.front().name = "model.extra.weight"; });
  CHECK(thrown.code != ErrorCode::internal);
  thrown = error([](auto& tensors) {
    tensors.push_back({"model.extra.weight", TensorType::f32, {0}, {}});
  });
  CHECK(thrown.code == ErrorCode::unsupported);
  CHECK(thrown.says("model.extra.weight"));
  thrown = error([](auto& tensors) {
    std::reverse(tensors.front().shape.begin(), tensors.front().shape.end());
    tensors.front().shape.insert(tensors.front().shape.begin(), 1);
  });
  CHECK(thrown.code == ErrorCode::corrupt);
  thrown = error([](auto& tensors) {
    tensors.push_back({"model.layers.0.self_attn.rotary_emb.inv_freq", TensorType::f32, {0}, {}});
  });
  CHECK(thrown.text == "nothing thrown");
}

}  // namespace
}  // namespace reckon::policy
