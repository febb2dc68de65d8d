#include "policy/pretrained.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"
#include "tests/core/thrown_error.h"
#include "tests/policy/golden_model.h"
#include "tests/policy/random_tensor.h"

namespace reckon::policy {
namespace {

using tests::bit_equal;
using tests::ThrownError;

const std::vector<std::string> kFiles = {"config.json", "model.safetensors", "tokenizer.json",
                                         "tokenizer_config.json", "special_tokens_map.json"};

std::unique_ptr<Tokenizer> words(size_t count) {
  std::vector<std::string> list = {"<pad>", "<bos>", "<eos>"};
  while (list.size() < count) list.push_back("w" + std::to_string(list.size()));
  return make_word_level_tokenizer(list, "<bos>", "<eos>", "<pad>");
}

// A saved model of a golden family that cases damage.
struct SavedModel {
  explicit SavedModel(const std::string& family = "llama", at::ScalarType type = at::kFloat)
      : model(tests::golden_model(family, type)) {
    save_pretrained(*model, *words(170), folder.path());
  }
  std::string file(const std::string& name) const { return read_file(folder.path() / name); }
  void write(const std::string& name, const std::string& bytes) const {
    write_file_atomic(folder.path() / name, bytes);
  }
  void write_tensors(const NamedTensors& tensors) const {
    save_tensors(folder.path() / "model.safetensors", tensors);
  }
  void patch_config(const nlohmann::json& patch) const {
    auto config = read_json_file(folder.path() / "config.json");
    config.merge_patch(patch);
    write("config.json", config.dump());
  }
  ThrownError load() const {
    return tests::thrown_by([&] { load_pretrained(folder.path(), at::kFloat); });
  }

  TempFolder folder;
  std::unique_ptr<Transformer> model;
};

void check_refused(const SavedModel& saved, ErrorCode code, const std::string& file,
                   const std::vector<std::string>& texts) {
  const ThrownError thrown = saved.load();
  CAPTURE(thrown.text);
  CHECK(thrown.code == code);
  CHECK(thrown.says(saved.folder.path().string() + file));
  for (const std::string& text : texts) CHECK(thrown.says(text));
}

TEST_CASE("pretrained: a model saved, loaded and saved again has the same bytes") {
  for (const char* family : tests::kGoldenFamilies) {
    for (const auto type : {at::kFloat, at::kDouble}) {
      CAPTURE(family);
      const SavedModel saved(family, type);
      const auto loaded = load_pretrained(saved.folder.path(), at::TensorOptions().dtype(type));
      const TempFolder again;
      save_pretrained(*loaded.model, *loaded.tokenizer, again.path());
      for (const std::string& name : kFiles)
        CHECK(read_file(again.path() / name) == saved.file(name));
      const PackedBatch batch{at::arange(20, at::kLong), {0, 20}};
      CHECK(bit_equal(loaded.model->forward(batch), saved.model->forward(batch)));
      CHECK(loaded.tokenizer->vocab_size() == 170);
    }
  }
}

TEST_CASE("pretrained: weights of other types are converted") {
  for (const auto type : {at::kDouble, at::kBFloat16, at::kHalf}) {
    const SavedModel saved("qwen3");
    NamedTensors tensors = saved.model->named_views();
    for (auto& [name, tensor] : tensors) tensor = tensor.to(type);
    saved.write_tensors(tensors);
    const auto model = load_transformer(saved.folder.path(), at::kFloat);
    const auto views = model->named_views();
    for (size_t i = 0; i < views.size(); ++i) {
      CHECK(bit_equal(views[i].second, tensors[i].second.to(at::kFloat)));
    }
  }
}

TEST_CASE("pretrained: a missing tensor is named") {
  const SavedModel saved;
  NamedTensors tensors = saved.model->named_views();
  const std::string name = "model.layers.1.mlp.up_proj.weight";
  std::erase_if(tensors, [&](const auto& named) { return named.first == name; });
  saved.write_tensors(tensors);
  check_refused(saved, ErrorCode::corrupt, "/model.safetensors", {"expected the tensor " + name});
}

TEST_CASE("pretrained: a surplus tensor is named, but a repeated tied head is allowed") {
  const SavedModel llama("llama"), qwen2("qwen2");
  for (const SavedModel* saved : {&llama, &qwen2}) {
    NamedTensors tensors = saved->model->named_views();
    tensors.emplace_back("model.layers.2.mlp.up_proj.weight", at::ones({1}));
    saved->write_tensors(tensors);
    check_refused(*saved, ErrorCode::unsupported, "/model.safetensors",
                  {"got \"model.layers.2.mlp.up_proj.weight\""});
  }
  NamedTensors tensors = qwen2.model->named_views();
  tensors.emplace_back("lm_head.weight", qwen2.model->embedding().detach());
  qwen2.write_tensors(tensors);
  CHECK(qwen2.load().text == "nothing thrown");
}

TEST_CASE("pretrained: a tensor of another shape is named with both shapes") {
  const SavedModel saved;
  NamedTensors tensors = saved.model->named_views();
  for (auto& [name, tensor] : tensors) {
    if (name == "model.layers.0.self_attn.k_proj.weight") tensor = tensor.t();
  }
  saved.write_tensors(tensors);
  check_refused(saved, ErrorCode::corrupt, "/model.safetensors",
                {"expected the shape [16, 32], got [32, 16]",
                 "model.safetensors/model.layers.0.self_attn.k_proj.weight"});
}

TEST_CASE("pretrained: weights cut short or damaged are refused") {
  const SavedModel saved;
  const std::string whole = saved.file("model.safetensors");
  for (const size_t size : {size_t{0}, size_t{7}, size_t{100}, whole.size() - 1}) {
    saved.write("model.safetensors", whole.substr(0, size));
    check_refused(saved, ErrorCode::corrupt, "/model.safetensors", {});
  }
  saved.write("model.safetensors", whole + "x");
  check_refused(saved, ErrorCode::corrupt, "/model.safetensors", {});
}

TEST_CASE("pretrained: a configuration that asks for more than the file holds costs no memory") {
  const SavedModel saved;
  // 2^37 parameters, about 500 GiB.
  saved.patch_config({{"vocab_size", 1 << 23}, {"hidden_size", 1 << 13}, {"head_dim", 8}});
  check_refused(saved, ErrorCode::corrupt, "/model.safetensors",
                {"expected the shape [8388608, 8192], got [170, 32]", "model.embed_tokens.weight"});
}

TEST_CASE("pretrained: each missing file is named") {
  for (const std::string name : {"config.json", "model.safetensors", "tokenizer.json"}) {
    const SavedModel saved;
    std::filesystem::remove(saved.folder.path() / name);
    check_refused(saved, ErrorCode::not_found, "", {name});
  }
}

TEST_CASE("pretrained: what is neither a folder nor a GGUF file is refused") {
  const SavedModel saved;
  for (const auto& path : {saved.folder.path() / "none", saved.folder.path() / "config.json"}) {
    const auto thrown = tests::thrown_by([&] { load_pretrained(path, at::kFloat); });
    const bool exists = std::filesystem::exists(path);
    CHECK(thrown.code == (exists ? ErrorCode::corrupt : ErrorCode::not_found));
    CHECK(thrown.says(path.string()));
    CHECK(thrown.says("GGUF"));
  }
}

TEST_CASE("pretrained: a configuration that is no JSON is refused with its line") {
  const SavedModel saved;
  saved.write("config.json", "{\n\"vocab_size\": }");
  check_refused(saved, ErrorCode::corrupt, "/config.json", {"line 2"});
}

TEST_CASE("pretrained: a tokenizer larger than the vocabulary is refused, a smaller one is not") {
  const SavedModel saved;
  words(171)->save(saved.folder.path());
  check_refused(saved, ErrorCode::corrupt, "", {"at most 170 tokens, got 171"});
  words(20)->save(saved.folder.path());
  CHECK(saved.load().text == "nothing thrown");
}

TEST_CASE("pretrained: saving into a missing folder is an io error that names the file") {
  const SavedModel saved;
  const auto path = saved.folder.path() / "none";
  const auto thrown = tests::thrown_by([&] { save_pretrained(*saved.model, *words(170), path); });
  CHECK(thrown.code == ErrorCode::io);
  CHECK(thrown.says((path / "config.json").string()));
}

}  // namespace
}  // namespace reckon::policy
