#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/load_model.h"
#include "core/error.h"
#include "core/json.h"
#include "policy/pretrained.h"

namespace reckon::cli {
namespace {

using nlohmann::json;

constexpr const char* kInput = "standard input";

struct Arguments {
  ModelOptions model;
  int64_t batch_tokens = 2048;
  double temperature = 1.0;
};

// A line of input as the model sees it.
struct Request {
  std::vector<int32_t> prompt, completion;
  int64_t tokens() const { return static_cast<int64_t>(prompt.size() + completion.size()); }
};

std::string text_member(const json& record, const char* key, uint64_t number) {
  const bool has_text = record.is_object() && record.contains(key) && record[key].is_string();
  check(has_text, ErrorCode::corrupt,
        "expected an object with texts `prompt` and `completion`, got {}, in {} at line {}",
        json_summary(record), kInput, number);
  return record[key].get<std::string>();
}

Request read_request(const std::string& line, const policy::Tokenizer& tokenizer, uint64_t number) {
  const json record = parse_json_text(line, kInput, false, number);
  Request request{tokenizer.encode(text_member(record, "prompt", number)),
                  tokenizer.encode(text_member(record, "completion", number))};
  check(!request.prompt.empty(), ErrorCode::invalid_argument,
        "expected a prompt of at least one token, got an empty one, in {} at line {}", kInput,
        number);
  return request;
}

// One line of output for each request, in their order: sequences behind one another in one pass.
void answer(const std::vector<Request>& requests, const policy::Transformer& model,
            double temperature) {
  std::vector<int64_t> ids, offsets{0}, rows, targets;
  for (const Request& request : requests) {
    const auto first = static_cast<int64_t>(ids.size() + request.prompt.size()) - 1;
    ids.insert(ids.end(), request.prompt.begin(), request.prompt.end());
    ids.insert(ids.end(), request.completion.begin(), request.completion.end());
    offsets.push_back(static_cast<int64_t>(ids.size()));
    for (size_t t = 0; t < request.completion.size(); ++t) {
      rows.push_back(first + static_cast<int64_t>(t));
      targets.push_back(request.completion[t]);
    }
  }
  const at::NoGradGuard no_grad;
  const auto device = model.embedding().device();
  const auto hidden = model.forward({at::tensor(ids, at::kLong).to(device), offsets});
  const auto logprobs =
      policy::token_logprobs(hidden, model.head(), at::tensor(rows, at::kLong).to(device),
                             at::tensor(targets, at::kLong).to(device), temperature)
          .logprobs.to(at::kCPU, at::kFloat)
          .contiguous();
  const float* value = logprobs.const_data_ptr<float>();
  for (const Request& request : requests) {
    const std::vector<float> own(value, value + request.completion.size());
    value += request.completion.size();
    fmt::print("{}\n", json_text({{"ids", request.completion}, {"logprobs", own}}));
  }
  std::fflush(stdout);
}

int run_logprobs(const Arguments& arguments) {
  const policy::Pretrained loaded = load_model(arguments.model);
  std::vector<Request> batch;
  int64_t tokens = 0;
  uint64_t number = 0;
  const auto flush = [&] {
    if (!batch.empty()) answer(batch, *loaded.model, arguments.temperature);
    batch.clear();
    tokens = 0;
  };
  for (std::string line; std::getline(std::cin, line);) {
    Request request = read_request(line, *loaded.tokenizer, ++number);
    if (tokens + request.tokens() > arguments.batch_tokens) flush();
    tokens += request.tokens();
    batch.push_back(std::move(request));
  }
  flush();
  return done;
}

}  // namespace

void add_logprobs(CLI::App& app, Action& action) {
  CLI::App& command = *app.add_subcommand(
      "logprobs",
      "Log-probabilities of given completions, token by token.\n\n"
      "  echo '{\"prompt\": \"2 + 2 =\", \"completion\": \" 4\"}' | reckon logprobs MODEL\n"
      "      {\"ids\":[216,36],\"logprobs\":[-0.69,-0.65]}\n\n"
      "One line of output for each line of standard input. Prompt and completion are tokenized\n"
      "apart and sent as they are, without chat format or special tokens of their own.\n");
  auto arguments = std::make_shared<Arguments>();
  add_model_options(command, arguments->model);
  command.add_option("--temperature", arguments->temperature, "divides the logits")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      .add_option("--batch-tokens", arguments->batch_tokens,
                  "tokens that go through the model together; more need more memory")
      ->check(CLI::Range(1, 1 << 24))
      ->capture_default_str();
  command.callback([&action, arguments] {
    action = [arguments](const Environment&) { return run_logprobs(*arguments); };
  });
}

}  // namespace reckon::cli
