#include <doctest/doctest.h>

#include <functional>

#include "rl/grpo_config.h"
#include "tests/core/thrown_error.h"

using namespace reckon;
using namespace reckon::rl;

namespace {

using Change = std::function<void(GrpoConfig&)>;

GrpoConfig config_of(const std::string& loss_type) {
  GrpoConfig config;
  config.rewards.emplace_back();
  config.loss_type = loss_type;
  return config;
}

tests::ThrownError refusal(const std::string& loss_type, const Change& change) {
  auto config = config_of(loss_type);
  change(config);
  return tests::thrown_by([&] { resolve_loss_preset(config, "/stages/zero"); });
}

bool accepted(const std::string& loss_type, const Change& change) {
  return refusal(loss_type, change).text == "nothing thrown";
}

}  // namespace

TEST_CASE("a preset fills what is not set") {
  struct Row {
    const char *type, *advantage, *scale, *level, *aggregation;
    double epsilon, epsilon_high;  // 0: none
  };
  for (const Row& row : {
           Row{"grpo", "group_mean", "group", "token", "seq_mean_token_mean", 0.2, 0.2},
           Row{"dr_grpo", "group_mean", "none", "token", "constant", 0.2, 0.28},
           Row{"dapo", "group_mean", "group", "token", "token_mean", 0.2, 0.28},
           Row{"bnpo", "group_mean", "group", "token", "local_token_mean", 0.2, 0.2},
           Row{"gspo", "group_mean", "group", "sequence", "seq_mean", 3e-4, 4e-4},
           Row{"cispo", "group_mean", "group", "token", "token_mean", 0, 5.0},
           Row{"gmpo", "group_mean", "group", "token", "seq_mean", 0.4, 0.4},
           Row{"sapo", "group_mean", "group", "token", "seq_mean_token_mean", 0, 0},
           Row{"rloo", "rloo", "none", "token", "constant", 0.2, 0.28},
           Row{"reinforce_pp", "reinforce_pp", "none", "token", "token_mean", 0.2, 0.2},
           Row{"reinforce_pp_baseline", "reinforce_pp_baseline", "none", "token", "token_mean", 0.2,
               0.2},
           Row{"dppo", "group_mean", "none", "token", "token_mean", 0, 0},
           Row{"reinforce", "group_mean", "none", "token", "constant", 0, 0},
       }) {
    CAPTURE(row.type);
    const auto got = resolve_loss_preset(config_of(row.type), "");
    CHECK(*got.advantage_estimator == row.advantage);
    CHECK(*got.scale_rewards == row.scale);
    CHECK(*got.importance_sampling_level == row.level);
    CHECK(*got.loss_aggregation == row.aggregation);
    CHECK(got.epsilon.value_or(0.0) == row.epsilon);
    CHECK(got.epsilon_high.value_or(0.0) == row.epsilon_high);
    const bool in_reward = row.type == std::string("reinforce_pp");
    CHECK(*got.kl_placement == (in_reward ? "reward" : "loss"));
    CHECK(*got.kl_estimator == (in_reward ? "k1" : "k2"));
  }
}

TEST_CASE("a key that is set wins over the preset") {
  auto config = config_of("grpo");
  config.epsilon = config.epsilon_high = 10.0;
  config.loss_aggregation = "group_token_mean";
  config.advantage_estimator = "maxrl";
  const auto got = resolve_loss_preset(config, "");
  CHECK(*got.epsilon == 10.0);
  CHECK(*got.epsilon_high == 10.0);
  CHECK(*got.loss_aggregation == "group_token_mean");
  CHECK(*got.scale_rewards == "none");  // nothing but the group mean is scaled
}

TEST_CASE("a correction has the bounds of its kind") {
  struct Row {
    const char* kind;
    double most, least;  // 0: none
  };
  for (const Row& row : {Row{"none", 0, 0}, Row{"tis", 2, 0}, Row{"mis", 5, 0.5},
                         Row{"sequence", 3, 0}, Row{"sequence_truncate", 3, 0}}) {
    CAPTURE(row.kind);
    auto config = config_of("dapo");
    config.old_logprobs = "recompute";
    config.importance_sampling_correction = row.kind;
    const auto got = resolve_loss_preset(config, "");
    CHECK(got.importance_sampling_clip_max.value_or(0.0) == row.most);
    CHECK(got.importance_sampling_clip_min.value_or(0.0) == row.least);
  }
}

TEST_CASE("combinations that do not train what they say are refused by name") {
  struct Row {
    const char* type;
    Change change;
    const char* says;
  };
  const std::vector<Row> rows = {
      {"dapo", [](auto& c) { c.beta = 0.1, c.kl_estimator = "k1"; }, "/stages/zero/kl_estimator"},
      {"dapo", [](auto& c) { c.use_bias_correction_kl = true; }, "expected kl_estimator k3"},
      {"dapo", [](auto& c) { c.rewards.clear(); }, "/stages/zero/rewards"},
      {"dapo", [](auto& c) { c.kl_placement = "reward", c.kl_estimator = "k3"; },
       "kl_estimator k1 with kl_placement reward"},
      {"dapo", [](auto& c) { c.importance_sampling_level = "sequence"; }, "seq_mean"},
      {"dapo", [](auto& c) { c.loss_aggregation = "seq_mean"; }, "aggregation of tokens"},
      {"gmpo", [](auto& c) { c.loss_aggregation = "token_mean"; }, "seq_mean"},
      {"cispo", [](auto& c) { c.importance_sampling_level = "sequence"; }, "level token"},
      {"cispo", [](auto& c) { c.epsilon_high = 0.28; }, "cap of the ratio"},
      {"sapo", [](auto& c) { c.delta = 4.0; }, "/stages/zero/delta"},
      {"reinforce", [](auto& c) { c.num_iterations = 2; }, "num_iterations 1"},
      {"dppo", [](auto& c) { c.old_logprobs = "recompute"; }, "old_logprobs sampler"},
      {"gspo", [](auto& c) { c.advantage_estimator = "reinforce_pp"; }, "/advantage_estimator"},
      {"rloo", [](auto& c) { c.scale_rewards = "group"; }, "/stages/zero/scale_rewards"},
      {"dapo", [](auto& c) { c.num_generations = 1; }, "at least 2"},
      {"dapo", [](auto& c) { c.importance_sampling_correction = "tis"; }, "recompute"},
      {"dapo", [](auto& c) { c.importance_sampling_clip_max = 2.0; }, "_clip_max"},
      {"dapo",
       [](auto& c) {
         c.old_logprobs = "recompute", c.importance_sampling_correction = "tis";
         c.importance_sampling_clip_min = 0.5;
       },
       "only truncates"},
      {"dapo",
       [](auto& c) {
         c.old_logprobs = "recompute", c.importance_sampling_correction = "mis";
         c.importance_sampling_clip_min = 6.0;
       },
       "lower bound of at most"},
      {"rloo", [](auto& c) { c.multi_objective_aggregation = "normalize_then_sum"; },
       "normalize_then_sum"},
      {"dapo", [](auto& c) { c.entropy_coef_min = 2.0; }, "/stages/zero/entropy_coef_min"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.says);
    const auto error = refusal(row.type, row.change);
    CHECK(error.code == ErrorCode::invalid_argument);
    CHECK_MESSAGE(error.says(row.says), error.text);
  }
}

TEST_CASE("what the published recipes ask for is accepted") {
  CHECK(accepted("reinforce_pp", [](auto& c) { c.num_generations = 1, c.beta = 0.01; }));
  CHECK(accepted("grpo", [](auto& c) {
    c.epsilon = c.epsilon_high = 10.0, c.beta = 1e-3, c.kl_estimator = "k3";
    c.sync_ref_model = true;
  }));
  CHECK(accepted("grpo", [](auto& c) { c.importance_sampling_level = "sequence"; }));
  CHECK(accepted("cispo", [](auto& c) {
    c.loss_aggregation = "group_token_mean", c.scale_rewards = "batch";
    c.filter_renormalize = true;
  }));
}

TEST_CASE("losses over whole sequences are not separable into tokens") {
  const auto separable = [](
                             const std::string& loss_type, const Change& change = [](auto&) {}) {
    auto config = config_of(loss_type);
    change(config);
    return token_separable(resolve_loss_preset(config, ""));
  };
  for (const char* type : {"grpo", "dr_grpo", "dapo", "bnpo", "cispo", "sapo", "rloo", "dppo",
                           "reinforce_pp", "reinforce_pp_baseline", "reinforce"}) {
    CAPTURE(type);
    CHECK(separable(type));
  }
  CHECK_FALSE(separable("gspo"));
  CHECK_FALSE(separable("gmpo"));
  CHECK_FALSE(separable("dapo", [](auto& c) { c.off_policy_mask_threshold = 0.5; }));
}
