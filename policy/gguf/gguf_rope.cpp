#include "policy/gguf/gguf_rope.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "policy/gguf/quants.h"
#include "policy/model_config_rope.h"

namespace reckon::policy {
namespace {

// Factors are written from float32 arithmetic; parameters in use differ by far more.
constexpr double kTolerance = 1e-3;

bool reproduces(const std::vector<float>& factors, const ModelConfig& config,
                const RopeScaling& scaling) {
  const std::vector<float> expected = rope_factors(config, scaling);
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (!(std::abs(factors[i] - expected[i]) <= kTolerance * expected[i])) return false;
  }
  return true;
}

// A file does not say which parameters gave its factors, so those in use are tried. Only ratios
// matter (twice the original length with twice both frequency factors is the same function), hence
// one low_freq_factor is enough.
RopeScaling find_llama3(const std::vector<float>& factors, const ModelConfig& config,
                        std::optional<double> known_length, const std::string& place) {
  std::vector<double> lengths = {8192, 4096, 2048, 16384, 32768, 1024, 512, 256, 65536, 131072};
  if (known_length) lengths.insert(lengths.begin(), *known_length);
  std::vector<double> scales = {8, 32, 2, 4, 16, 64};
  if (std::isfinite(factors.back()) && factors.back() > 1) {
    scales.insert(scales.begin(), double{factors.back()});
  }
  for (const double high : {4.0, 8.0, 2.0, 16.0, 32.0}) {
    for (const double length : lengths) {
      for (const double scale : scales) {
        const RopeScaling scaling = {.kind = RopeScaling::Kind::llama3,
                                     .factor = scale,
                                     .original_max_position_embeddings = length,
                                     .low_freq_factor = 1.0,
                                     .high_freq_factor = high};
        if (reproduces(factors, config, scaling)) return scaling;
      }
    }
  }
  fail(
      ErrorCode::unsupported,
      "expected the factors of a llama3 scaling, got {} to {} that no known parameters give, in {}",
      factors.front(), factors.back(), place);
}

RopeScaling read_factors(const GgufKeys& keys, const GgufTensor& tensor, const std::string& length,
                         const ModelConfig& config) {
  const std::string place = keys.place(kRopeFactorsName);
  const auto pairs = static_cast<std::size_t>(config.head_dim / 2);
  check(tensor.type == GgmlType::f32 && tensor.shape.size() == 1 &&
            static_cast<std::size_t>(tensor.size()) == pairs,
        ErrorCode::corrupt, "expected {} numbers of type F32, got {} of type {}, in {}", pairs,
        tensor.size(), ggml_type_info(tensor.type).name, place);
  std::vector<float> factors(pairs);
  dequantize(tensor.type, tensor.bytes, factors);
  const bool idle = std::all_of(factors.begin(), factors.end(), [](float f) { return f == 1.0f; });
  if (idle) return {};
  std::optional<double> known_length;
  if (keys.has(length)) known_length = keys.positive(length, 1);
  return find_llama3(factors, config, known_length, place);
}

RopeScaling read_yarn(const GgufKeys& keys, const std::string& prefix, const ModelConfig& config) {
  RopeScaling scaling;
  scaling.kind = RopeScaling::Kind::yarn;
  scaling.factor = keys.positive(prefix + "factor", 1.0);
  scaling.original_max_position_embeddings = keys.positive(
      prefix + "original_context_length", static_cast<double>(config.max_position_embeddings));
  scaling.beta_fast = keys.positive(prefix + "yarn_beta_fast", 32.0);
  scaling.beta_slow = keys.positive(prefix + "yarn_beta_slow", 1.0);
  scaling.attention_factor = keys.positive(prefix + "attn_factor", 1.0) *
                             keys.positive(prefix + "yarn_attn_factor", 1.0) *
                             default_yarn_attention_factor(scaling.factor);
  for (const char* key : {"yarn_log_multiplier", "yarn_ext_factor"}) {
    const double usual = key == std::string("yarn_ext_factor") ? 1.0 : 0.0;
    const double value = keys.number(prefix + key).value_or(usual);
    check(value == usual, ErrorCode::unsupported, "expected {}, got {}, in {}", usual, value,
          keys.place(prefix + key));
  }
  return scaling;
}

}  // namespace

double default_yarn_attention_factor(double factor) {
  return factor <= 1.0 ? 1.0 : 0.1 * std::log(factor) + 1.0;
}

std::vector<float> rope_factors(const ModelConfig& config, const RopeScaling& scaling) {
  const auto plain = rope_frequencies(config.head_dim, config.rope_theta, {});
  const auto scaled = rope_frequencies(config.head_dim, config.rope_theta, scaling);
  std::vector<float> factors;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    factors.push_back(static_cast<float>(plain[i] / scaled[i]));
  }
  return factors;
}

RopeScaling read_gguf_rope(const GgufKeys& keys, const std::string& architecture,
                           const ModelConfig& config) {
  const std::string prefix = architecture + ".rope.scaling.";
  const std::string old_linear = architecture + ".rope.scale_linear";
  // What a file means that gives a factor alone.
  const std::string_view type = keys.text(prefix + "type").value_or("linear");
  if (type == "yarn") {
    check(keys.file().find_tensor(kRopeFactorsName) == nullptr, ErrorCode::unsupported,
          "expected one RoPE scaling, got yarn and this tensor, in {}",
          keys.place(kRopeFactorsName));
    return read_yarn(keys, prefix, config);
  }
  check(type == "linear" || type == "none", ErrorCode::unsupported,
        "expected none, linear or yarn, got {}, in {}", type.substr(0, 40),
        keys.place(prefix + "type"));
  RopeScaling scaling;
  const double old_factor = keys.positive(old_linear, 1.0);
  if (type == "linear") scaling.factor = keys.positive(prefix + "factor", old_factor);
  if (scaling.factor != 1.0) scaling.kind = RopeScaling::Kind::linear;
  const GgufTensor* factors = keys.file().find_tensor(kRopeFactorsName);
  if (factors == nullptr) return scaling;
  check(scaling.kind == RopeScaling::Kind::none, ErrorCode::unsupported,
        "expected one RoPE scaling, got linear and this tensor, in {}",
        keys.place(kRopeFactorsName));
  return read_factors(keys, *factors, prefix + "original_context_length", config);
}

}  // namespace reckon::policy
