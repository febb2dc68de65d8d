#include "policy/gguf/gguf_model.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <map>

#include "core/error.h"
#include "core/files.h"
#include "policy/gguf/gguf_rope.h"
#include "policy/gguf/gguf_writer.h"
#include "policy/gguf/quants.h"
#include "tests/byte_mutation.h"
#include "tests/core/thrown_error.h"
#include "tests/policy/gguf_bytes.h"

namespace reckon::policy {
namespace {

using reckon::tests::ThrownError;

// A file of one layer, two query heads and one key head of size 4, that cases change.
struct SmallFile {
  std::string architecture = "llama";
  std::map<std::string, std::function<void(GgufWriter&, const std::string&)>> entries;
  std::map<std::string, std::vector<std::int64_t>> tensors;

  explicit SmallFile(const std::string& arch = "llama") : architecture(arch) {
    integer("block_count", 1);
    integer("context_length", 64);
    integer("embedding_length", 8);
    integer("feed_forward_length", 12);
    integer("attention.head_count", 2);
    integer("attention.head_count_kv", 1);
    number("attention.layer_norm_rms_epsilon", 1e-5f);
    tensors = {{"token_embd.weight", {5, 8}},
               {"output_norm.weight", {8}},
               {"output.weight", {5, 8}},
               {"blk.0.attn_norm.weight", {8}},
               {"blk.0.ffn_norm.weight", {8}},
               {"blk.0.attn_q.weight", {8, 8}},
               {"blk.0.attn_k.weight", {4, 8}},
               {"blk.0.attn_v.weight", {4, 8}},
               {"blk.0.attn_output.weight", {8, 8}},
               {"blk.0.ffn_gate.weight", {12, 8}},
               {"blk.0.ffn_up.weight", {12, 8}},
               {"blk.0.ffn_down.weight", {8, 12}}};
  }

  void integer(const std::string& key, std::uint32_t value) {
    entries[key] = [value](GgufWriter& w, const std::string& k) { w.add_integer(k, value); };
  }
  void number(const std::string& key, float value) {
    entries[key] = [value](GgufWriter& w, const std::string& k) { w.add_float(k, value); };
  }
  void text(const std::string& key, const std::string& value) {
    entries[key] = [value](GgufWriter& w, const std::string& k) { w.add_text(k, value); };
  }
  void integers(const std::string& key, const std::vector<std::int32_t>& values) {
    entries[key] = [values](GgufWriter& w, const std::string& k) { w.add_integers(k, values); };
  }

  // Value i of each tensor is i.
  void write(const std::filesystem::path& path) const {
    GgufWriter writer;
    writer.add_text("general.architecture", architecture);
    for (const auto& [key, add] : entries) add(writer, architecture + "." + key);
    for (const auto& [name, shape] : tensors) {
      writer.add_tensor({name, GgmlType::f32, shape, [](std::span<float> values) {
                           for (std::size_t i = 0; i < values.size(); ++i) {
                             values[i] = static_cast<float>(i);
                           }
                         }});
    }
    writer.write(path, {});
  }

  GgufModel open() const {
    const TempFolder folder;
    write(folder.path() / "small.gguf");
    return GgufModel::open(folder.path() / "small.gguf");
  }

  void check_refused(ErrorCode code, const std::string& part) const {
    const ThrownError thrown = reckon::tests::thrown_by([&] { open(); });
    CAPTURE(thrown.text);
    CAPTURE(part);
    CHECK(thrown.code == code);
    CHECK(thrown.says("small.gguf"));
    CHECK(thrown.says(part));
  }
};

std::vector<float> values_of(const GgufModel& model, const std::string& name) {
  std::size_t size = 1;
  for (const std::int64_t n : model.shape(name)) size *= static_cast<std::size_t>(n);
  std::vector<float> values(size);
  model.read(name, values);
  return values;
}

TEST_CASE("gguf model: a file of the gguf package is a model with Hugging Face names") {
  const GgufModel model = GgufModel::open("tests/golden/gguf/tiny.gguf");
  const ModelConfig& c = model.config();
  CHECK(c.architecture == Architecture::llama);
  CHECK(c.vocab_size == 262);
  CHECK(c.hidden_size == 32);
  CHECK(c.intermediate_size == 64);
  CHECK(c.num_hidden_layers == 1);
  CHECK(c.num_attention_heads == 2);
  CHECK(c.num_key_value_heads == 1);
  CHECK(c.head_dim == 16);
  CHECK(c.max_position_embeddings == 64);
  CHECK(c.rms_norm_eps == 1e-5);
  CHECK(c.rope_theta == 10000.0);
  CHECK(c.rope_scaling == RopeScaling{});
  CHECK(c.tie_word_embeddings);
  CHECK_FALSE(c.attention_bias);
  CHECK(c.bos_token_id == 260);
  CHECK(c.eos_token_ids == std::vector<std::int64_t>{261});
  CHECK(model.names().size() == 11);
  CHECK(model.names().front() == "model.embed_tokens.weight");
  CHECK(model.shape("model.layers.0.mlp.down_proj.weight") == std::vector<std::int64_t>{32, 64});
  CHECK(model.type("model.layers.0.mlp.down_proj.weight") == GgmlType::q8_0);
  CHECK_THROWS_AS(model.shape("lm_head.weight"), Error);
}

TEST_CASE("gguf model: rows of q and k of llama are brought into the order of Hugging Face") {
  SmallFile file;
  for (const char* name : {"q", "k", "v", "output"}) {
    file.tensors["blk.0.attn_" + std::string(name) + ".bias"] = {
        name[0] == 'k' || name[0] == 'v' ? 4 : 8};
  }
  const GgufModel model = file.open();
  // Rows of a head lie as 0 2 | 1 3 in the file: first half, second half, interleaved.
  const std::vector<float> bias = values_of(model, "model.layers.0.self_attn.q_proj.bias");
  CHECK(bias == std::vector<float>{0, 2, 1, 3, 4, 6, 5, 7});
  const std::vector<float> key = values_of(model, "model.layers.0.self_attn.k_proj.weight");
  CHECK(key[0] == 0);
  CHECK(key[8] == 16);   // row 1 is the file's row 2
  CHECK(key[17] == 9);   // row 2 is the file's row 1
  CHECK(key[31] == 31);  // row 3 stays
  const std::vector<float> value = values_of(model, "model.layers.0.self_attn.v_proj.bias");
  CHECK(value == std::vector<float>{0, 1, 2, 3});
  CHECK(model.config().attention_bias);
  CHECK(model.config().attention_output_bias);
}

TEST_CASE("gguf model: quantised rows are permuted whole") {
  const GgufModel model = GgufModel::open("tests/golden/gguf/tiny.gguf");
  const GgufTensor& raw = *model.file().find_tensor("blk.0.attn_q.weight");
  std::vector<float> in_file(32 * 32);
  dequantize(raw.type, raw.bytes, in_file);
  const std::vector<float> values = values_of(model, "model.layers.0.self_attn.q_proj.weight");
  const auto row = [](const std::vector<float>& all, std::size_t i) {
    return std::vector<float>(all.begin() + static_cast<std::ptrdiff_t>(i * 32),
                              all.begin() + static_cast<std::ptrdiff_t>(i * 32 + 32));
  };
  CHECK(row(values, 1) == row(in_file, 2));
  CHECK(row(values, 8) == row(in_file, 1));
  CHECK(row(values, 16 + 9) == row(in_file, 16 + 3));
}

TEST_CASE("gguf model: qwen2 and qwen3 are not permuted") {
  SmallFile qwen2("qwen2");
  for (const char* name : {"q", "k", "v"}) {
    qwen2.tensors["blk.0.attn_" + std::string(name) + ".bias"] = {name[0] == 'q' ? 8 : 4};
  }
  const GgufModel two = qwen2.open();
  CHECK(two.config().architecture == Architecture::qwen2);
  CHECK(values_of(two, "model.layers.0.self_attn.q_proj.bias") ==
        std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7});

  SmallFile qwen3("qwen3");
  qwen3.integer("attention.key_length", 4);
  qwen3.tensors["blk.0.attn_q_norm.weight"] = {4};
  qwen3.tensors["blk.0.attn_k_norm.weight"] = {4};
  const GgufModel three = qwen3.open();
  CHECK(three.config().has_qk_norm());
  CHECK(values_of(three, "model.layers.0.self_attn.k_norm.weight") ==
        std::vector<float>{0, 1, 2, 3});
}

TEST_CASE("gguf model: what would change the mathematics is refused by name") {
  const auto refuse = [](const std::string& part, auto change) {
    SmallFile file;
    change(file);
    file.check_refused(ErrorCode::unsupported, part);
  };
  refuse("general.architecture", [](SmallFile& f) { f.architecture = "mamba"; });
  refuse("expert_count", [](SmallFile& f) { f.integer("expert_count", 8); });
  refuse("logit_scale", [](SmallFile& f) { f.number("logit_scale", 2); });
  refuse("sliding_window", [](SmallFile& f) { f.integer("attention.sliding_window", 32); });
  refuse("value_length", [](SmallFile& f) { f.integer("attention.value_length", 8); });
  refuse("dimension_count", [](SmallFile& f) { f.integer("rope.dimension_count", 2); });
  refuse("longrope", [](SmallFile& f) { f.text("rope.scaling.type", "longrope"); });
  refuse("head_count", [](SmallFile& f) { f.integers("attention.head_count", {2, 1}); });
  refuse("blk.0.attn_q_norm", [](SmallFile& f) { f.tensors["blk.0.attn_q_norm.weight"] = {4}; });
  refuse("rope_freqs", [](SmallFile& f) { f.tensors["rope_freqs.weight"] = {2}; });
}

TEST_CASE("gguf model: missing keys and tensors, wrong shapes and impossible sizes are corrupt") {
  const auto refuse = [](const std::string& part, auto change) {
    SmallFile file;
    change(file);
    file.check_refused(ErrorCode::corrupt, part);
  };
  refuse("embedding_length", [](SmallFile& f) { f.entries.erase("embedding_length"); });
  refuse("layer_norm_rms_epsilon",
         [](SmallFile& f) { f.entries.erase("attention.layer_norm_rms_epsilon"); });
  refuse("block_count", [](SmallFile& f) { f.integer("block_count", 4'000'000'000); });
  refuse("embedding_length", [](SmallFile& f) { f.integer("embedding_length", 4'000'000'000); });
  refuse("embedding_length", [](SmallFile& f) { f.text("embedding_length", "8"); });
  refuse("", [](SmallFile& f) { f.integer("attention.head_count_kv", 3); });
  refuse("freq_base", [](SmallFile& f) { f.number("rope.freq_base", -1); });
  refuse("freq_base", [](SmallFile& f) { f.number("rope.freq_base", INFINITY); });
  refuse("blk.0.ffn_up.weight", [](SmallFile& f) { f.tensors.erase("blk.0.ffn_up.weight"); });
  refuse("blk.0.ffn_up.weight", [](SmallFile& f) { f.tensors["blk.0.ffn_up.weight"] = {8, 12}; });
  refuse("token_embd.weight", [](SmallFile& f) { f.tensors.erase("token_embd.weight"); });
}

TEST_CASE("gguf model: numbers repeated for each layer count as one") {
  SmallFile file;
  file.integers("attention.head_count", {2});
  file.integers("feed_forward_length", {12, 12});
  CHECK(file.open().config().intermediate_size == 12);
}

TEST_CASE("gguf model: RoPE scalings linear and yarn are read from their keys") {
  SmallFile linear;
  linear.number("rope.scaling.factor", 4);  // without a type it is linear
  CHECK(linear.open().config().rope_scaling.kind == RopeScaling::Kind::linear);
  CHECK(linear.open().config().rope_scaling.factor == 4);
  linear.text("rope.scaling.type", "none");
  CHECK(linear.open().config().rope_scaling.kind == RopeScaling::Kind::none);

  SmallFile yarn;
  yarn.text("rope.scaling.type", "yarn");
  yarn.number("rope.scaling.factor", 4);
  yarn.integer("rope.scaling.original_context_length", 16);
  const RopeScaling read = yarn.open().config().rope_scaling;
  CHECK(read.kind == RopeScaling::Kind::yarn);
  CHECK(read.original_max_position_embeddings == 16);
  CHECK(read.attention_factor == doctest::Approx(0.1 * std::log(4.0) + 1));
  yarn.number("rope.scaling.attn_factor", 0.5f);
  CHECK(yarn.open().config().rope_scaling.attention_factor ==
        doctest::Approx(0.05 * std::log(4.0) + 0.5));
}

TEST_CASE("gguf model: the parameters of llama3 scaling are found from its factors") {
  for (const double factor : {8.0, 32.0}) {
    ModelConfig config;
    config.head_dim = 64;
    config.rope_theta = 500000;
    config.max_position_embeddings = 131072;
    const RopeScaling scaling = {.kind = RopeScaling::Kind::llama3,
                                 .factor = factor,
                                 .original_max_position_embeddings = 8192,
                                 .low_freq_factor = 1,
                                 .high_freq_factor = 4};
    std::vector<float> factors = rope_factors(config, scaling);
    CHECK(factors.front() == 1.0f);
    CHECK(factors.back() == static_cast<float>(factor));
    const auto read = [&] {
      const std::string_view bytes(reinterpret_cast<const char*>(factors.data()),
                                   factors.size() * sizeof(float));
      std::string file = tests::file_with({}, {tests::tensor("rope_freqs.weight", {32}, 0, 0)});
      file += bytes;
      const GgufFile parsed = GgufFile::parse(tests::bytes_of(file), "factors.gguf");
      return read_gguf_rope(GgufKeys(parsed), "llama", config);
    };
    CHECK(read() == scaling);
    factors[20] *= 1.01f;
    CHECK_THROWS_AS(read(), Error);
    factors[20] = std::nanf("");
    CHECK_THROWS_AS(read(), Error);
  }
}

TEST_CASE("gguf model: all ids that end a text are read") {
  SmallFile file;
  file.entries["x"] = [](GgufWriter& writer, const std::string&) {
    writer.add_integer("tokenizer.ggml.eos_token_id", 4);
    writer.add_integer("tokenizer.ggml.eot_token_id", 3);
    writer.add_integer("tokenizer.ggml.eom_token_id", 4);
    writer.add_integer("tokenizer.ggml.padding_token_id", 0xFFFFFFFF);
  };
  const GgufModel model = file.open();
  CHECK(model.config().eos_token_ids == std::vector<std::int64_t>{4, 3});
  CHECK_FALSE(model.config().pad_token_id.has_value());
}

TEST_CASE("gguf model: reading into the wrong room is an error") {
  const GgufModel model = SmallFile().open();
  std::vector<float> values(3);
  CHECK_THROWS_AS(model.read("model.norm.weight", values), Error);
  CHECK_THROWS_AS(model.read("model.nothing", values), Error);
}

TEST_CASE("gguf model: a damaged file is a model or an error, never a crash") {
  const TempFolder folder;
  SmallFile small;
  small.text("rope.scaling.type", "yarn");
  small.number("rope.scaling.factor", 2);
  small.write(folder.path() / "small.gguf");
  const std::string good = read_file(folder.path() / "small.gguf");
  ByteMutation mutation(5);
  for (int i = 0; i < 3000; ++i) {
    const std::string bad = mutation.damage(good);
    const ThrownError thrown = reckon::tests::thrown_by([&] {
      const GgufModel model(GgufFile::parse(tests::bytes_of(bad), "bad.gguf"));
      for (const std::string& name : model.names()) values_of(model, name);
    });
    if (thrown.text == "nothing thrown") continue;
    CHECK((thrown.code == ErrorCode::corrupt || thrown.code == ErrorCode::unsupported));
  }
}

}  // namespace
}  // namespace reckon::policy
