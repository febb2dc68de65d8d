#include "policy/model_config.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"
#include "policy/model_config_rope.h"
#include "tests/byte_mutation.h"
#include "tests/core/thrown_error.h"

namespace reckon::policy {
namespace {

using nlohmann::json;

json golden(const std::string& family) {
  return read_json_file("tests/golden/model_" + family + "_tiny/config.json");
}

// The configuration of a golden family with the members of `patch` instead; null removes one.
ModelConfig parse(const std::string& family, const char* patch) {
  json config = golden(family);
  config.merge_patch(json::parse(patch));
  return parse_model_config(config, "config.json");
}

void check_refused(const char* patch, ErrorCode code, const std::string& key,
                   const std::string& text = "", const std::string& family = "llama") {
  CAPTURE(std::string(patch));
  const auto thrown = tests::thrown_by([&] { parse(family, patch); });
  CAPTURE(thrown.text);
  CHECK(thrown.code == code);
  CHECK(thrown.says("config.json"));
  CHECK(thrown.says(key));
  CHECK(thrown.says(text));
}

void check_corrupt(const char* patch, const std::string& key, const std::string& text = "") {
  check_refused(patch, ErrorCode::corrupt, key, text);
}

void check_unsupported(const char* patch, const std::string& key, const std::string& text = "") {
  check_refused(patch, ErrorCode::unsupported, key, text);
}

TEST_CASE("model_config: the Llama configuration is read, with the newer keys") {
  const auto c = parse("llama", "{}");
  CHECK(c.architecture == Architecture::llama);
  CHECK(c.vocab_size == 170);
  CHECK(c.hidden_size == 32);
  CHECK(c.intermediate_size == 88);
  CHECK(c.num_hidden_layers == 2);
  CHECK(c.num_attention_heads == 4);
  CHECK(c.num_key_value_heads == 2);
  CHECK(c.head_dim == 8);
  CHECK(c.max_position_embeddings == 256);
  CHECK(c.rms_norm_eps == 1e-5);
  CHECK(c.rope_theta == 5000.0);
  CHECK(c.initializer_range == 0.02);
  CHECK(!c.tie_word_embeddings);
  CHECK(!c.attention_bias);
  CHECK(!c.attention_output_bias);
  CHECK(!c.mlp_bias);
  CHECK(!c.has_qk_norm());
  CHECK(c.eos_token_ids == std::vector<int64_t>{2});
  CHECK(c.bos_token_id == 1);
  CHECK(!c.pad_token_id);
  CHECK(c.qkv_width() == 64);
}

TEST_CASE("model_config: the Qwen2 configuration has biases on q, k, v, and the older keys") {
  const auto c = parse("qwen2", "{}");
  CHECK(c.architecture == Architecture::qwen2);
  CHECK(c.rope_theta == 50000.0);
  CHECK(c.rms_norm_eps == 1e-6);
  CHECK(c.attention_bias);
  CHECK(!c.attention_output_bias);
  CHECK(c.tie_word_embeddings);
  CHECK(c.head_dim == 8);
}

TEST_CASE("model_config: the Qwen3 configuration has its own head size and norms of q and k") {
  const auto c = parse("qwen3", "{}");
  CHECK(c.architecture == Architecture::qwen3);
  CHECK(c.head_dim == 16);
  CHECK(c.rope_theta == 20000.0);
  CHECK(c.has_qk_norm());
  CHECK(!c.attention_bias);
  CHECK(parse("qwen3", R"({"head_dim": null})").head_dim == 128);  // that family's default
}

TEST_CASE("model_config: absent keys have the library's defaults") {
  const auto c = parse("llama", R"({"num_key_value_heads": null, "head_dim": null,
      "rms_norm_eps": null, "rope_parameters": null, "tie_word_embeddings": null,
      "eos_token_id": null, "bos_token_id": null, "architectures": null})");
  CHECK(c.num_key_value_heads == 4);
  CHECK(c.head_dim == 8);
  CHECK(c.rms_norm_eps == 1e-6);
  CHECK(c.rope_theta == 10000.0);
  CHECK(c.eos_token_ids.empty());
  CHECK(!c.bos_token_id);
}

TEST_CASE("model_config: the theta of the older key counts where the newer object has none") {
  CHECK(
      parse("llama", R"({"rope_parameters": {"rope_theta": null}, "rope_theta": 77})").rope_theta ==
      77.0);
  CHECK(parse("qwen2", R"({"rope_theta": null})").rope_theta == 10000.0);
}

TEST_CASE("model_config: biases are read where the family has them") {
  const auto llama = parse("llama", R"({"attention_bias": true, "mlp_bias": true})");
  CHECK(llama.attention_bias);
  CHECK(llama.attention_output_bias);
  CHECK(llama.mlp_bias);
  const auto qwen3 = parse("qwen3", R"({"attention_bias": true, "mlp_bias": true})");
  CHECK(qwen3.attention_output_bias);
  CHECK(!qwen3.mlp_bias);
}

TEST_CASE("model_config: several end tokens are read") {
  CHECK(parse("llama", R"({"eos_token_id": [2, 7]})").eos_token_ids == std::vector<int64_t>{2, 7});
}

TEST_CASE("model_config: what would change the mathematics is refused") {
  check_unsupported(R"({"architectures": ["GPT2LMHeadModel"]})", "config.json/architectures",
                    "got \"GPT2LMHeadModel\"");
  check_unsupported(R"({"architectures": null, "model_type": "gpt2"})", "architectures", "gpt2");
  check_unsupported(R"({"architectures": null, "model_type": null})", "architectures");
  check_unsupported(R"({"hidden_act": "gelu"})", "config.json/hidden_act", "got \"gelu\"");
  check_unsupported(R"({"rope_scaling": {"rope_type": "longrope", "factor": 8}})",
                    "config.json/rope_scaling", "longrope");
  check_unsupported(R"({"rope_scaling": {"type": "linear", "factor": 2, "long_factor": [1]}})",
                    "config.json/rope_scaling", "long_factor");
  check_unsupported(R"({"rope_scaling": "linear"})", "config.json/rope_scaling");
  check_unsupported(R"({"rope_parameters": {"rope_type": "dynamic"}})",
                    "config.json/rope_parameters", "dynamic");
  check_unsupported(R"({"partial_rotary_factor": 0.5})", "config.json/partial_rotary_factor");
  check_unsupported(R"({"layer_types": ["full_attention", "sliding_attention"]})",
                    "config.json/layer_types");
  check_unsupported(R"({"final_logit_softcapping": 30})", "config.json", "final_logit_softcapping");
  check_unsupported(R"({"use_qk_norm": true})", "config.json", "use_qk_norm");
  check_unsupported(R"({"use_sliding_window": true})", "config.json/use_sliding_window");
  check_unsupported(R"({"quantization_config": {"bits": 4}})", "config.json/quantization_config");
  check_unsupported(R"({"num_experts": 8})", "config.json/num_experts");
}

TEST_CASE("model_config: harmless forms of those keys are accepted") {
  parse("llama", R"({"rope_scaling": {"rope_type": "default"}})");
  parse("llama", R"({"rope_scaling": {"type": "default"}})");
  parse("qwen2", R"({"rope_scaling": null, "sliding_window": 4096})");
}

TEST_CASE("model_config: scaled rotary frequencies are those of transformers") {
  const json cases = read_json_file("tests/golden/rope.json");
  CHECK(cases.size() == 14);
  for (const json& entry : cases) {
    CAPTURE(entry["rope_scaling"].dump());
    const json patch = {{"rope_scaling", entry["rope_scaling"]},
                        {"rope_theta", entry["theta"]},
                        {"head_dim", entry["head_dim"]},
                        {"rope_parameters", nullptr},
                        {"max_position_embeddings", 131072}};
    const ModelConfig c = parse("llama", patch.dump().c_str());
    CHECK(c.rope_scaling.attention_factor ==
          doctest::Approx(entry["attention_factor"].get<double>()).epsilon(1e-6));
    const auto frequencies = rope_frequencies(c.head_dim, c.rope_theta, c.rope_scaling);
    const auto expected = entry["frequencies"].get<std::vector<double>>();
    REQUIRE(frequencies.size() == expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      CHECK(frequencies[i] == doctest::Approx(expected[i]).epsilon(2e-6));
    }
    const ModelConfig again = parse_model_config(write_model_config(c), "again");
    CHECK(again.rope_scaling == c.rope_scaling);
  }
}

TEST_CASE("model_config: wrong RoPE scalings name the key") {
  check_corrupt(R"({"rope_scaling": {"rope_type": "linear"}})", "config.json/rope_scaling", "none");
  check_corrupt(R"({"rope_scaling": {"rope_type": "yarn", "factor": -2}})",
                "config.json/rope_scaling/factor");
  check_corrupt(R"({"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 4,
                    "high_freq_factor": 4}})",
                "config.json/rope_scaling", "4 and 4");
}

TEST_CASE("model_config: wrong types name the file, the key and what was there") {
  check_corrupt(R"({"vocab_size": "170"})", "config.json/vocab_size", "got \"170\"");
  check_corrupt(R"({"hidden_size": 32.0})", "config.json/hidden_size", "got 32.0");
  check_corrupt(R"({"num_hidden_layers": null})", "num_hidden_layers", "got none");
  check_corrupt(R"({"rms_norm_eps": true})", "config.json/rms_norm_eps");
  check_corrupt(R"({"tie_word_embeddings": 1})", "config.json/tie_word_embeddings");
  check_corrupt(R"({"rope_parameters": [1]})", "config.json/rope_parameters");
  check_corrupt(R"({"rope_parameters": {"rope_theta": "x"}})",
                "config.json/rope_parameters/rope_theta");
  check_corrupt(R"({"eos_token_id": "</s>"})", "config.json/eos_token_id");
  check_corrupt(R"({"eos_token_id": [2, -1]})", "config.json/eos_token_id");
  const auto thrown = tests::thrown_by([] { parse_model_config(json::array(), "config.json"); });
  CHECK(thrown.code == ErrorCode::corrupt);
  CHECK(thrown.says("config.json"));
}

TEST_CASE("model_config: absurd numbers are refused") {
  for (const char* key :
       {"vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
        "num_attention_heads", "num_key_value_heads", "head_dim", "max_position_embeddings"}) {
    for (const char* number : {"0", "-1", "9223372036854775807", "18446744073709551615", "1e30"}) {
      const std::string patch = fmt::format(R"({{"{}": {}}})", key, number);
      check_corrupt(patch.c_str(), fmt::format("config.json/{}", key));
    }
  }
  check_corrupt(R"({"rms_norm_eps": 0})", "config.json/rms_norm_eps");
  check_corrupt(R"({"rope_parameters": {"rope_theta": -1}})", "rope_theta");
}

TEST_CASE("model_config: sizes that do not fit together are refused") {
  check_corrupt(R"({"num_key_value_heads": 3})", "num_key_value_heads", "got 4 and 3");
  check_corrupt(R"({"head_dim": 7})", "head_dim", "got 7");
  check_corrupt(R"({"head_dim": null, "num_attention_heads": 32})", "num_attention_heads");
  check_corrupt(R"({"vocab_size": 16777216, "hidden_size": 1048576})", "", "2^38 parameters");
}

TEST_CASE("model_config: sizes whose product overflows are refused") {
  // 4·2^50 parameters in each of 2^11 layers: 2^63 as a whole.
  check_corrupt(R"({"hidden_size": 1048576, "intermediate_size": 1, "num_hidden_layers": 2048,
                    "num_attention_heads": 65536, "num_key_value_heads": 65536,
                    "head_dim": 16384})",
                "num_attention_heads");
}

TEST_CASE("model_config: what is written is read back the same, and presets too") {
  std::vector<ModelConfig> configs;
  for (const char* family : {"llama", "qwen2", "qwen3"}) configs.push_back(parse(family, "{}"));
  configs.push_back(parse("llama", R"({"attention_bias": true, "mlp_bias": true,
      "eos_token_id": [2, 7], "pad_token_id": 0, "rms_norm_eps": 1.2345678901234567e-6})"));
  configs.push_back(parse("qwen3", R"({"attention_bias": true, "tie_word_embeddings": true})"));
  configs.push_back(model_preset("tiny-0.4m", 50));
  for (const ModelConfig& config : configs) {
    const json written = write_model_config(config);
    const auto read = parse_model_config(json::parse(json_text(written)), "config.json");
    CHECK(write_model_config(read) == written);
    CHECK(read.attention_bias == config.attention_bias);
    CHECK(read.attention_output_bias == config.attention_output_bias);
    CHECK(read.rms_norm_eps == config.rms_norm_eps);
    CHECK(read.eos_token_ids == config.eos_token_ids);
    CHECK(read.pad_token_id == config.pad_token_id);
    CHECK(read.num_parameters() == config.num_parameters());
  }
}

TEST_CASE("model_config: presets have their sizes and unknown ones list the known") {
  // 4 layers of (192·96 + 96·96 + 3·96·256 + 2·96), two tables of 50·96, one norm.
  CHECK(model_preset("tiny-0.4m", 50).num_parameters() == 415968);
  CHECK(model_preset("tiny-0.8m", 50).hidden_size == 128);
  CHECK(model_preset("tiny-0.2m", 181).num_parameters() == 161856);
  CHECK(model_preset("tiny-smoke", 50).head_dim == 16);
  const auto thrown = tests::thrown_by([] { model_preset("tiny", 50); });
  CHECK(thrown.code == ErrorCode::invalid_argument);
  CHECK(thrown.says("tiny-smoke, tiny-0.2m, tiny-0.4m, tiny-0.8m"));
  CHECK(thrown.says("got \"tiny\""));
}

TEST_CASE("model_config: damaged configurations give a usable result or an error, never a crash") {
  std::vector<std::string> texts;
  for (const char* family : {"llama", "qwen2", "qwen3"}) texts.push_back(golden(family).dump());
  ByteMutation mutation(11);
  size_t read = 0, refused = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string text = mutation.damage(texts[static_cast<size_t>(i) % texts.size()]);
    try {
      const auto c = parse_model_config(parse_json_text(text, "config.json"), "config.json");
      ++read;
      const bool usable = c.vocab_size > 0 && c.head_dim % 2 == 0 && c.num_key_value_heads > 0 &&
                          c.num_parameters() > 0 && c.num_parameters() <= int64_t{1} << 38;
      if (!usable) FAIL_CHECK("accepted ", text);
    } catch (const Error& error) {
      ++refused;
      const bool expected =
          error.code() == ErrorCode::corrupt || error.code() == ErrorCode::unsupported;
      if (!expected) FAIL_CHECK(error.what(), " for ", text);
    }
  }
  CHECK(read > 1000);
  CHECK(refused > 10'000);
}

}  // namespace
}  // namespace reckon::policy
