#include "policy/model_config_rope.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "core/error.h"
#include "core/json.h"

namespace reckon::policy {
namespace {

using nlohmann::json;

struct KindKeys {
  const char* name;
  RopeScaling::Kind kind;
  std::vector<std::string> keys;  // what may stand beside the kind and theta
};

const std::array<KindKeys, 4>& kinds() {
  using Kind = RopeScaling::Kind;
  static const std::array<KindKeys, 4> table{{
      {"default", Kind::none, {}},
      {"linear", Kind::linear, {"factor"}},
      {"llama3",
       Kind::llama3,
       {"factor", "original_max_position_embeddings", "low_freq_factor", "high_freq_factor"}},
      {"yarn",
       Kind::yarn,
       {"factor", "original_max_position_embeddings", "beta_fast", "beta_slow", "attention_factor",
        "mscale", "mscale_all_dim", "truncate"}},
  }};
  return table;
}

// The kind stands in `rope_type`; before that key there was `type`.
const KindKeys& read_kind(const ConfigMembers& rope) {
  const json* type = rope.find("rope_type");
  if (type == nullptr) type = rope.find("type");
  if (type == nullptr) return kinds().front();
  for (const KindKeys& entry : kinds()) {
    if (*type == entry.name) return entry;
  }
  fail(ErrorCode::unsupported, "expected default, linear, llama3 or yarn, got {}, in {}",
       json_summary(*type), rope.place());
}

void refuse_unknown_keys(const ConfigMembers& rope, const KindKeys& kind) {
  for (const auto& [key, value] : rope.object().items()) {
    if (key == "rope_type" || key == "type" || key == "rope_theta" || value.is_null()) continue;
    if (key == "partial_rotary_factor" && value == 1.0) continue;
    const bool known = std::find(kind.keys.begin(), kind.keys.end(), key) != kind.keys.end();
    // Left over in many configurations without scaling.
    const bool idle = kind.kind == RopeScaling::Kind::none && key == "factor" && value == 1.0;
    check(known || idle, ErrorCode::unsupported,
          "expected only keys of rope type {}, got {}: {}, in {}", kind.name, key,
          json_summary(value), rope.place());
  }
}

double mscale_of(double factor, double mscale) {
  return factor <= 1.0 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0;
}

double read_attention_factor(const ConfigMembers& rope, double factor) {
  if (rope.find("attention_factor") != nullptr) return rope.positive("attention_factor");
  if (rope.find("mscale") != nullptr && rope.find("mscale_all_dim") != nullptr) {
    return mscale_of(factor, rope.positive("mscale")) /
           mscale_of(factor, rope.positive("mscale_all_dim"));
  }
  return mscale_of(factor, 1.0);
}

RopeScaling read_scaling(const ConfigMembers& rope, const ModelConfig& config) {
  const KindKeys& kind = read_kind(rope);
  refuse_unknown_keys(rope, kind);
  RopeScaling scaling;
  scaling.kind = kind.kind;
  if (scaling.kind == RopeScaling::Kind::none) return scaling;
  scaling.factor = rope.positive("factor");
  if (scaling.kind == RopeScaling::Kind::linear) return scaling;
  scaling.original_max_position_embeddings = rope.positive(
      "original_max_position_embeddings", static_cast<double>(config.max_position_embeddings));
  if (scaling.kind == RopeScaling::Kind::llama3) {
    scaling.low_freq_factor = rope.positive("low_freq_factor");
    scaling.high_freq_factor = rope.positive("high_freq_factor");
    check(scaling.high_freq_factor > scaling.low_freq_factor, ErrorCode::corrupt,
          "expected high_freq_factor above low_freq_factor, got {} and {}, in {}",
          scaling.high_freq_factor, scaling.low_freq_factor, rope.place());
    return scaling;
  }
  scaling.beta_fast = rope.positive("beta_fast", 32.0);
  scaling.beta_slow = rope.positive("beta_slow", 1.0);
  scaling.attention_factor = read_attention_factor(rope, scaling.factor);
  scaling.truncate = rope.boolean("truncate", true);
  check(config.rope_theta > 1.0, ErrorCode::corrupt, "expected rope_theta above 1, got {}, in {}",
        config.rope_theta, rope.place());
  return scaling;
}

// Long wavelengths are stretched by the factor, short ones kept, those between mixed.
double llama3_frequency(double frequency, const RopeScaling& s) {
  const double wavelength = 2.0 * std::numbers::pi / frequency;
  const double turns = s.original_max_position_embeddings / wavelength;
  if (turns < s.low_freq_factor) return frequency / s.factor;
  if (turns > s.high_freq_factor) return frequency;
  const double smooth = (turns - s.low_freq_factor) / (s.high_freq_factor - s.low_freq_factor);
  return (1.0 - smooth) * frequency / s.factor + smooth * frequency;
}

// YaRN, section 3.2: pairs that turn often are kept, those that turn seldom stretched, with a
// linear ramp between the two bounds.
class YarnRamp {
 public:
  YarnRamp(int64_t head_dim, double theta, const RopeScaling& s) {
    const auto dimension = [&](double turns) {
      return static_cast<double>(head_dim) *
             std::log(s.original_max_position_embeddings / (turns * 2.0 * std::numbers::pi)) /
             (2.0 * std::log(theta));
    };
    low_ = dimension(s.beta_fast);
    high_ = dimension(s.beta_slow);
    if (s.truncate) {
      low_ = std::floor(low_);
      high_ = std::ceil(high_);
    }
    low_ = std::max(low_, 0.0);
    high_ = std::min(high_, static_cast<double>(head_dim - 1));
    if (low_ == high_) high_ += 0.001;
  }

  // Share of the stretched frequency at pair `index`.
  double at(int64_t index) const {
    return std::clamp((static_cast<double>(index) - low_) / (high_ - low_), 0.0, 1.0);
  }

 private:
  double low_ = 0.0, high_ = 1.0;
};

}  // namespace

void read_rope(const ConfigMembers& members, ModelConfig& config) {
  config.rope_theta = members.positive("rope_theta", 10000.0);
  // Newer configurations keep theta and scaling together. Where a file holds both forms the older
  // one decides, as in transformers.
  for (const char* key : {"rope_parameters", "rope_scaling"}) {
    const json* parameters = members.find(key);
    if (parameters == nullptr) continue;
    const std::string place = members.place() + "/" + key;
    check(parameters->is_object() || key == std::string("rope_parameters"), ErrorCode::unsupported,
          "expected an object, got {}, in {}", json_summary(*parameters), place);
    const ConfigMembers inner(*parameters, place);
    config.rope_theta = inner.positive("rope_theta", config.rope_theta);
    config.rope_scaling = read_scaling(inner, config);
  }
}

json write_rope_scaling(const RopeScaling& s) {
  using Kind = RopeScaling::Kind;
  if (s.kind == Kind::none) return nullptr;
  for (const KindKeys& entry : kinds()) {
    if (entry.kind != s.kind) continue;
    json out = {{"rope_type", entry.name}, {"factor", s.factor}};
    if (s.kind == Kind::linear) return out;
    out["original_max_position_embeddings"] =
        static_cast<int64_t>(s.original_max_position_embeddings);
    if (s.kind == Kind::llama3) {
      out["low_freq_factor"] = s.low_freq_factor;
      out["high_freq_factor"] = s.high_freq_factor;
      return out;
    }
    out["beta_fast"] = s.beta_fast;
    out["beta_slow"] = s.beta_slow;
    out["attention_factor"] = s.attention_factor;
    out["truncate"] = s.truncate;
    return out;
  }
  fail(ErrorCode::internal, "expected a known rope type");
}

std::vector<double> rope_frequencies(int64_t head_dim, double theta, const RopeScaling& scaling) {
  using Kind = RopeScaling::Kind;
  std::vector<double> frequencies;
  const YarnRamp ramp(head_dim, theta, scaling);  // read for that kind only
  for (int64_t i = 0; i < head_dim / 2; ++i) {
    double frequency =
        1.0 / std::pow(theta, static_cast<double>(2 * i) / static_cast<double>(head_dim));
    if (scaling.kind == Kind::linear) frequency /= scaling.factor;
    if (scaling.kind == Kind::llama3) frequency = llama3_frequency(frequency, scaling);
    if (scaling.kind == Kind::yarn) {
      frequency = frequency / scaling.factor * ramp.at(i) + frequency * (1.0 - ramp.at(i));
    }
    frequencies.push_back(frequency);
  }
  return frequencies;
}

}  // namespace reckon::policy
