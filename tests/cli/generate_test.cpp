// `reckon generate` with a random model of 170 words, whose answers mean nothing.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"
#include "tests/cli/process.h"

using namespace reckon;
using namespace reckon::tests;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// A model folder with a chat template that the tokenizer can express.
class ChatModel {
 public:
  ChatModel() {
    const fs::path golden = "tests/golden";
    for (const char* name : {"config.json", "model.safetensors"}) {
      fs::copy_file(golden / "model_llama_tiny" / name, path() / name);
    }
    json tokenizer = read_json_file(golden / "tokenizer_words/tokenizer.json");
    for (const json& token : tokenizer["added_tokens"]) {
      tokenizer["model"]["vocab"][token["content"].get<std::string>()] = token["id"];
    }
    for (int id = 18; id < 170; ++id) {
      tokenizer["model"]["vocab"]["w" + std::to_string(id)] = id;
    }
    write_file_atomic(path() / "tokenizer.json", json_text(tokenizer));
    json config = read_json_file(golden / "tokenizer_words/tokenizer_config.json");
    config["chat_template"] =
        "{% for m in messages %}<left> {{ m.role[0] }} {{ m.content }} <right> {% endfor %}"
        "{% if add_generation_prompt %}<left> a <think> {% endif %}";
    write_file_atomic(path() / "tokenizer_config.json", json_text(config));
  }

  fs::path path() const { return folder_.path(); }

  Outcome generate(std::vector<std::string> options) const {
    Launch launch;
    launch.arguments = {"generate", path().string()};
    launch.arguments.insert(launch.arguments.end(), options.begin(), options.end());
    return run_program(launch);
  }

 private:
  TempFolder folder_;
};

std::vector<json> lines(const std::string& text) {
  std::vector<json> values;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    values.push_back(json::parse(text.substr(at, end - at)));
    at = end + 1;
  }
  return values;
}

}  // namespace

TEST_CASE("generate prints the prompts in the model's chat format, or in a named one") {
  const ChatModel model;
  const auto own = model.generate({"--chat", "yes", "--print-prompt"});
  REQUIRE_MESSAGE(own.status == 0, own.err);
  CHECK(own.out == "{\"prompt\":\"<left> u yes <right> <left> a <think> \"}\n");
  const auto bare = model.generate(
      {"--chat", "yes", "--system", "be", "--no-generation-prompt", "--print-prompt"});
  CHECK(bare.out == "{\"prompt\":\"<left> s be <right> <left> u yes <right> \"}\n");
  const auto plain = model.generate({"--chat", "yes", "--chat-format", "plain", "--print-prompt"});
  CHECK(plain.out == "{\"prompt\":\"yes\"}\n");
}

TEST_CASE("generate streams what a file of the same prompt gives, and repeats itself") {
  const ChatModel model;
  const std::vector<std::string> greedy = {"--temperature", "0", "--max-tokens", "12"};
  auto options = greedy;
  options.insert(options.end(), {"--prompt", "<bos> 10 + 1"});
  const auto streamed = model.generate(options);
  REQUIRE_MESSAGE(streamed.status == 0, streamed.err);
  write_file_atomic(model.path() / "in.jsonl", R"({"prompt": "<bos> 10 + 1"})"
                                               "\n");
  options = greedy;
  options.insert(options.end(), {"--file", (model.path() / "in.jsonl").string()});
  const auto listed = lines(model.generate(options).out);
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["completion"].get<std::string>() + "\n" == streamed.out);
  CHECK(listed[0]["prompt"] == "<bos> 10 + 1");
  CHECK(listed[0]["num_tokens"] <= 12);
}

TEST_CASE("generate gives several completions of each line, in the order of the lines") {
  const ChatModel model;
  write_file_atomic(model.path() / "in.jsonl",
                    "{\"prompt\": \"yes yes\"}\n"
                    "{\"messages\": [{\"role\": \"user\", \"content\": \"10\"}]}\n");
  const std::vector<std::string> options = {"--file",
                                            (model.path() / "in.jsonl").string(),
                                            "--num-generations",
                                            "3",
                                            "--max-tokens",
                                            "8",
                                            "--temperature",
                                            "1",
                                            "--ignore-eos",
                                            "--seed",
                                            "5"};
  const auto outcome = model.generate(options);
  REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
  const auto found = lines(outcome.out);
  REQUIRE(found.size() == 6);
  for (size_t i = 0; i < 6; ++i) {
    CHECK(found[i]["prompt"] == (i < 3 ? "yes yes" : "<left> u 10 <right> <left> a <think> "));
    CHECK(found[i]["num_tokens"] == 8);
    CHECK(found[i]["finish_reason"] == "length");
  }
  CHECK(found[0]["completion"] != found[1]["completion"]);
  CHECK(model.generate(options).out == outcome.out);
}

TEST_CASE("a stop text ends a completion and is not shown") {
  const ChatModel model;
  const std::vector<std::string> base = {"--prompt",     "yes", "--temperature", "0",
                                         "--max-tokens", "20",  "--ignore-eos"};
  const std::string whole = model.generate(base).out;
  REQUIRE(whole.size() > 30);
  const std::string stop = whole.substr(12, 9);  // may begin and end inside a word
  auto options = base;
  options.insert(options.end(), {"--stop", stop});
  CHECK(model.generate(options).out == whole.substr(0, whole.find(stop)) + "\n");
}

TEST_CASE("a request that generate cannot meet is refused with one message") {
  const ChatModel model;
  const auto refused = [&](std::vector<std::string> options, const std::string& message) {
    const auto outcome = model.generate(std::move(options));
    CHECK_MESSAGE(outcome.status == 2, outcome.err);
    CHECK_MESSAGE(outcome.err.find(message) != std::string::npos, outcome.err);
    CHECK(outcome.out.empty());
  };
  refused({"--prompt", ""}, "expected a prompt, got an empty one");
  refused({"--prompt", "a", "--chat", "b"}, "expected one of --prompt, --chat and --file, got 2");
  refused({"--chat", "yes", "--chat-format", "x"}, "expected a chat format of chatml");
  refused({"--file", "nowhere.jsonl"}, "nowhere.jsonl");
  refused({"--prompt", "yes", "--device", "tpu"}, "expected auto, cpu, cuda or cuda:N");
  write_file_atomic(model.path() / "in.jsonl", "{\"messages\": [1]}\n");
  refused({"--file", (model.path() / "in.jsonl").string()}, "line 1/messages/0");
}
