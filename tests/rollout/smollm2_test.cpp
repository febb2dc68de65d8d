// A real model, SmolLM2-135M-Instruct, against what transformers and tokenizers gave for it
// (tests/golden/make_smollm2_reference.py).
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"
#include "policy/chat/chat_format.h"
#include "policy/model_files.h"
#include "policy/pretrained.h"
#include "policy/token_logprobs.h"
#include "rollout/engine.h"

namespace reckon::rollout {
namespace {

using nlohmann::json;
using Ids = std::vector<int32_t>;

constexpr const char* kModel = ".deps/models/SmolLM2-135M-Instruct.Q4_1.gguf";

// False, and said, where scripts/setup could not fetch the model.
bool have_model() {
  if (std::filesystem::exists(kModel)) return true;
  MESSAGE("skipped: no SmolLM2-135M-Instruct in .deps/models; scripts/setup fetches it");
  return false;
}

json reference(const char* key) { return read_json_file("tests/golden/smollm2.json").at(key); }

TEST_SUITE("parity") {
  TEST_CASE("smollm2: every log-probability is that of transformers") {
    if (!have_model()) return;
    const auto loaded = policy::load_pretrained(kModel, at::kFloat);
    const at::NoGradGuard no_grad;
    for (const json& text : reference("logprobs")) {
      CAPTURE(text["text"].get<std::string>());
      const auto ids = text["ids"].get<std::vector<int64_t>>();
      const auto expected = text["logprobs"].get<std::vector<double>>();
      const auto length = static_cast<int64_t>(ids.size());
      const at::Tensor all = at::tensor(ids, at::kLong);
      const at::Tensor hidden = loaded.model->forward({all, {0, length}});
      const auto found = policy::token_logprobs(
          hidden, loaded.model->head(), at::arange(length - 1, at::kLong), all.slice(0, 1), 1.0);
      const at::Tensor gap = (found.logprobs - at::tensor(expected, at::kFloat)).abs();
      CHECK(gap.max().item<double>() < 1e-3);
    }
  }

  TEST_CASE("smollm2: greedy completions have the ids of transformers") {
    if (!have_model()) return;
    const auto loaded = policy::load_pretrained(kModel, at::kFloat);
    const auto engine = make_engine(*loaded.model);
    for (const json& one : reference("greedy")) {
      const auto expected = one["ids"].get<Ids>();
      SamplingParams greedy;
      greedy.temperature = 0;
      greedy.max_new_tokens = static_cast<int64_t>(expected.size());
      const std::vector<Prompt> prompts = {
          {0, loaded.tokenizer->encode(one["prompt"].get<std::string>())}};
      const auto groups =
          engine->generate(prompts, 1, greedy, RandomStream({1, 0, Purpose::eval, 0}));
      CHECK_MESSAGE(groups[0][0].ids == expected, one["prompt"].get<std::string>());
    }
  }

  TEST_CASE("smollm2: lines of many scripts have the ids of the tokenizers library") {
    if (!have_model()) return;
    const auto tokenizer = policy::load_model_tokenizer(kModel);
    const json lines = reference("tokens");
    CHECK(lines.size() == 200);
    for (const json& line : lines) {
      const auto text = line[0].get<std::string>();
      CHECK_MESSAGE(tokenizer->encode(text) == line[1].get<Ids>(), text);
    }
  }

  TEST_CASE("smollm2: conversations become the prompts of the model's template") {
    if (!have_model()) return;
    const auto tokenizer = policy::load_model_tokenizer(kModel);
    const auto format = policy::ChatFormat::for_tokenizer(*tokenizer);
    for (const json& chat : reference("chats")) {
      std::vector<ChatMessage> messages;
      for (const json& message : chat["messages"]) {
        messages.push_back({message["role"], message["content"]});
      }
      CHECK(format.render(messages, true) == chat["prompt"].get<std::string>());
    }
  }
}

}  // namespace
}  // namespace reckon::rollout
