#include "rl/grpo_loss.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "rl/advantages.h"
#include "tests/core/thrown_error.h"
#include "tests/rl/golden.h"

using namespace reckon;
using namespace reckon::rl;
using nlohmann::json;

namespace {

GrpoLossConfig loss_settings(const json& settings) {
  GrpoLossConfig config;
  config.policy.epsilon = settings.at("epsilon").get<double>();
  config.policy.epsilon_high = settings.at("epsilon_high").get<double>();
  if (!settings.at("delta").is_null()) config.policy.delta = settings.at("delta").get<double>();
  config.beta = settings.at("beta").get<double>();
  config.kl_estimator = parse_kl_estimator(settings.at("kl_estimator").get<std::string>(),
                                           settings.at("use_bias_correction_kl").get<bool>());
  return config;
}

// What the micro-batches of one golden case add up to.
struct CaseResult {
  double loss = 0.0, policy_loss = 0.0, kl = 0.0;
  double low = 0.0, high = 0.0, low_min = 1.0, high_max = 0.0;
  int64_t tokens = 0;
  at::Tensor gradient;  // [N] of all completions, zero for masked ones
};

// One golden case: its completions, and the loss of any of them.
class GoldenCase {
 public:
  GoldenCase(const GoldenFile& golden, const std::string& name, const json& settings,
             at::ScalarType type)
      : config_(loss_settings(settings)),
        aggregation_(parse_loss_aggregation(settings.at("loss_aggregation").get<std::string>())),
        max_completion_length_(settings.at("max_completion_length").get<int64_t>()),
        micro_batches_(settings.at("micro_batches").get<std::vector<int64_t>>()),
        offsets_(golden.integers(name + "/offsets")),
        truncated_(golden.integers(name + "/truncated")),
        mask_(settings.at("mask_truncated_completions").get<bool>()) {
    const auto load = [&](const char* key) { return golden.tensor(name + "/" + key).to(type); };
    lp_ = load("lp").requires_grad_(true);
    lp_old_ = load("lp_old");
    lp_ref_ = load("lp_ref");
    const auto rewards = golden.numbers(name + "/rewards");
    const auto scale = parse_scale_rewards(settings.at("scale_rewards").get<std::string>());
    advantages_ =
        group_advantages(std::vector<std::optional<double>>(rewards.begin(), rewards.end()),
                         settings.at("num_generations").get<int64_t>(), scale)
            .values;
  }

  CaseResult run(const std::vector<int64_t>& cut) const {
    LossCounts counts;
    counts.micro_batches = static_cast<int64_t>(cut.size());
    counts.completions = static_cast<int64_t>(truncated_.size());
    for (int64_t i = 0; i < counts.completions; ++i) counts.tokens += kept(i) ? length(i) : 0;
    CaseResult result;
    lp_.mutable_grad() = at::zeros_like(lp_);
    int64_t first = 0;
    for (const int64_t count : cut) {
      add_micro_batch(counts, first, count, result);
      first += count;
    }
    result.gradient = lp_.grad().clone();
    return result;
  }

  CaseResult run() const { return run(micro_batches_); }

 private:
  bool kept(int64_t i) const { return !(mask_ && truncated_[i] != 0); }
  int64_t length(int64_t i) const { return offsets_[i + 1] - offsets_[i]; }

  void add_micro_batch(LossCounts counts, int64_t first, int64_t count, CaseResult& result) const {
    std::vector<int64_t> places;
    std::vector<double> advantages, lengths;
    for (int64_t i = first; i < first + count; ++i) {
      for (int64_t t = offsets_[i]; kept(i) && t < offsets_[i + 1]; ++t) {
        places.push_back(t);
        advantages.push_back(advantages_[i]);
        lengths.push_back(static_cast<double>(length(i)));
      }
    }
    const auto at_places = at::tensor(places, at::kLong);
    LossTokens tokens;
    tokens.logprobs = lp_.index_select(0, at_places);
    tokens.old_logprobs = lp_old_.index_select(0, at_places);
    if (config_.beta > 0.0) tokens.ref_logprobs = lp_ref_.index_select(0, at_places);
    tokens.advantages = at::tensor(advantages, at::kDouble);
    counts.micro_batch_tokens = static_cast<int64_t>(places.size());
    tokens.weights = aggregation_weights(aggregation_, counts, at::tensor(lengths, at::kDouble), {},
                                         max_completion_length_);
    const GrpoLoss loss = grpo_loss(config_, tokens);
    loss.loss.backward();
    result.loss += loss.loss.item<double>();
    result.policy_loss += loss.policy_loss.item<double>();
    if (loss.kl.defined()) result.kl += loss.kl.sum().item<double>();
    add_clip_shares(loss, first, count, result);
  }

  void add_clip_shares(const GrpoLoss& loss, int64_t first, int64_t count,
                       CaseResult& result) const {
    int64_t begin = 0;
    for (int64_t i = first; i < first + count; ++i) {
      if (!kept(i)) continue;
      const double low = loss.clip_low.narrow(0, begin, length(i)).sum().item<double>();
      const double high = loss.clip_high.narrow(0, begin, length(i)).sum().item<double>();
      const auto n = static_cast<double>(length(i));
      result.low += low;
      result.high += high;
      result.low_min = std::min(result.low_min, low / n);
      result.high_max = std::max(result.high_max, high / n);
      result.tokens += length(i);
      begin += length(i);
    }
  }

  GrpoLossConfig config_;
  LossAggregation aggregation_;
  int64_t max_completion_length_;
  std::vector<int64_t> micro_batches_, offsets_, truncated_;
  bool mask_;
  at::Tensor lp_, lp_old_, lp_ref_;
  std::vector<double> advantages_;
};

double error(double got, double expected) {
  return std::abs(got - expected) / std::max(std::abs(expected), 1e-3);
}

void check_case(const GoldenFile& golden, const std::string& name, const CaseResult& got,
                double tolerance) {
  const auto expected = [&](const char* key) { return golden.number(name + "/" + key); };
  CHECK(error(got.loss, expected("loss")) < tolerance);
  CHECK(error(got.policy_loss, expected("policy_loss")) < tolerance);
  CHECK(relative_error(got.gradient, golden.tensor(name + "/dloss_dlp")) < tolerance);
  const auto n = static_cast<double>(got.tokens);
  if (golden.has(name + "/kl")) CHECK(error(got.kl / n, expected("kl")) < tolerance);
  CHECK(error(got.low / n, expected("clip_ratio/low_mean")) < 1e-12);
  CHECK(error(got.low_min, expected("clip_ratio/low_min")) < 1e-12);
  CHECK(error(got.high / n, expected("clip_ratio/high_mean")) < 1e-12);
  CHECK(error(got.high_max, expected("clip_ratio/high_max")) < 1e-12);
  CHECK(error((got.low + got.high) / n, expected("clip_ratio/region_mean")) < 1e-12);
}

}  // namespace

TEST_CASE("loss, gradient, KL and clip shares are those of the golden file in both precisions") {
  const GoldenFile golden("grpo_loss.safetensors");
  const auto cases = golden.metadata("cases");
  REQUIRE(cases.size() == 54);
  for (const auto& [name, settings] : cases.items()) {
    CAPTURE(name);
    check_case(golden, name, GoldenCase(golden, name, settings, at::kDouble).run(), 1e-10);
    check_case(golden, name, GoldenCase(golden, name, settings, at::kFloat).run(), 1e-5);
  }
}

TEST_CASE("the cut into micro-batches changes nothing but bnpo") {
  const GoldenFile golden("grpo_loss.safetensors");
  int changed = 0, local = 0;
  const auto cases = golden.metadata("cases");
  for (const auto& [name, settings] : cases.items()) {
    CAPTURE(name);
    const GoldenCase one(golden, name, settings, at::kDouble);
    const auto whole = one.run({12});
    double worst = 0.0;
    for (const std::vector<int64_t>& cut : {std::vector<int64_t>(12, 1), {7, 5}, {1, 2, 9}}) {
      const auto got = one.run(cut);
      worst =
          std::max({worst, error(got.loss, whole.loss), error(got.policy_loss, whole.policy_loss),
                    relative_error(got.gradient, whole.gradient)});
      CHECK(error(got.kl, whole.kl) < 1e-12);
      CHECK(got.low + got.high == whole.low + whole.high);
    }
    if (settings.at("loss_type") == "bnpo") {
      ++local;
      changed += worst > 1e-3;
    } else {
      CHECK(worst < 1e-10);
    }
  }
  CHECK(local >= 12);
  CHECK(changed >= 12);
}

TEST_CASE("the aggregation has to be one that is known") {
  const auto error = tests::thrown_by([] { parse_loss_aggregation("mean"); });
  CHECK(error.code == ErrorCode::invalid_argument);
  CHECK(error.says("mean"));
}
