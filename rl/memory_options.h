#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/config.h"

namespace reckon::rl {

/// What a stage may do to need less memory: LoRA (keys of PEFT and TRL) and activation
/// checkpointing.
struct MemoryOptions {
  bool use_peft = false;
  int64_t lora_r = 16;
  double lora_alpha = 32.0;
  double lora_dropout = 0.0;
  std::vector<std::string> lora_target_modules = {"q_proj", "v_proj"};
  bool gradient_checkpointing = false;
  int64_t micro_batch_tokens = 0;

  template <class V>
  static void visit(V& v) {
    v(&MemoryOptions::use_peft, "use_peft", "freeze the model and train a low-rank adapter (LoRA)");
    v(&MemoryOptions::lora_r, "lora_r", "rank of the adapter", between(1, 4096));
    v(&MemoryOptions::lora_alpha, "lora_alpha", "the adapter counts alpha / r times", positive());
    v(&MemoryOptions::lora_dropout, "lora_dropout",
      "only 0: what trains must be what samples, or ratios are wrong", between(0.0, 0.0));
    v(&MemoryOptions::lora_target_modules, "lora_target_modules",
      "projections with an adapter: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj, "
      "or all-linear");
    v(&MemoryOptions::gradient_checkpointing, "gradient_checkpointing",
      "compute layers again in the backward pass: less memory, more time, the same bits");
    v(&MemoryOptions::micro_batch_tokens, "micro_batch_tokens",
      "tokens of one forward and backward pass: memory, not results; 0 is as many as fit 512 MB "
      "of activations, 256 to 4096",
      at_least(0));
  }
};

}  // namespace reckon::rl
