#include <doctest/doctest.h>

#include "core/error.h"
#include "policy/chat/chat_format.h"
#include "policy/tokenizer.h"

using namespace reckon;
using namespace reckon::policy;

namespace {

const std::vector<ChatMessage> kTurns = {
    {"system", "Be brief."}, {"user", " 2+2? "}, {"assistant", "4"}, {"user", "Sure?"}};

std::string named(const std::string& name, bool prompt = true) {
  return ChatFormat::named(name).render(kTurns, prompt);
}

}  // namespace

TEST_CASE("named formats write the tokens of their families") {
  const std::string chatml =
      "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n 2+2? <|im_end|>\n"
      "<|im_start|>assistant\n4<|im_end|>\n<|im_start|>user\nSure?<|im_end|>\n";
  CHECK(named("chatml", false) == chatml);
  CHECK(named("chatml") == chatml + "<|im_start|>assistant\n");
  CHECK(named("qwen", false) == chatml);
  CHECK(named("llama3") ==
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\n2+2?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n4<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\nSure?<|eot_id|>"
        "<|start_header_id|>assistant<|end_header_id|>\n\n");
  CHECK(named("deepseek-r1") ==
        "<｜begin▁of▁sentence｜>Be brief.<｜User｜> 2+2? <｜Assistant｜>4<｜end▁of▁sentence｜>"
        "<｜User｜>Sure?<｜Assistant｜><think>\n");
  CHECK(named("plain") == "Be brief. 2+2? 4Sure?");
}

TEST_CASE("qwen writes a system message of its own where a conversation has none") {
  const std::vector<ChatMessage> turns = {{"user", "Hi"}};
  CHECK(ChatFormat::named("qwen").render(turns, false).starts_with("<|im_start|>system\n"));
  CHECK(ChatFormat::named("chatml").render(turns, false) == "<|im_start|>user\nHi<|im_end|>\n");
}

TEST_CASE("r1-zero asks for thought and answer in tags, without special tokens") {
  const std::vector<ChatMessage> turns = {{"user", "2+2?"}};
  const std::string text = ChatFormat::named("r1-zero").render(turns, true);
  CHECK(text.ends_with("\nUser: 2+2?\nAssistant:"));
  for (const char* tag : {"<think>", "</think>", "<answer>", "</answer>"}) {
    CHECK(text.find(tag) != std::string::npos);
  }
  CHECK(text.find('|') == std::string::npos);
}

TEST_CASE("an unknown name is answered with the names there are") {
  CHECK_THROWS_WITH_AS(
      ChatFormat::named("chatlm"),
      "expected a chat format of chatml, llama3, qwen, deepseek-r1, r1-zero, plain; got `chatlm`",
      Error);
}

TEST_CASE("a format knows whether its prompt opens the thought") {
  CHECK(ChatFormat::named("deepseek-r1").think_prefilled());
  CHECK_FALSE(ChatFormat::named("chatml").think_prefilled());
  CHECK_FALSE(ChatFormat::named("r1-zero").think_prefilled());
  const std::string tail = "{% if add_generation_prompt %}A:<think>\n\n{% endif %}";
  CHECK(ChatFormat::from_template(tail, "", "").think_prefilled());
  CHECK_FALSE(ChatFormat::from_template(tail + "</think>", "", "").think_prefilled());
}

TEST_CASE("the token that ends an answer is found in the template") {
  using Texts = std::vector<std::string>;
  CHECK(ChatFormat::named("qwen").stop_tokens() == Texts{"<|im_end|>"});
  CHECK(ChatFormat::named("llama3").stop_tokens() == Texts{"<|eot_id|>"});
  CHECK(ChatFormat::named("deepseek-r1").stop_tokens() == Texts{"<｜end▁of▁sentence｜>"});
  CHECK(ChatFormat::named("r1-zero").stop_tokens().empty());
  CHECK(ChatFormat::from_template("{% for m in messages %}{{ m.content }}\n<end>{% endfor %}", "",
                                  "</s>")
            .stop_tokens() == Texts{"<end>", "</s>"});
}

TEST_CASE("a template gets bos, eos and further variables") {
  const auto format = ChatFormat::from_template(
      "{{ bos_token }}{% if tools is none %}{{ enable_thinking | default('unset') }}{% endif %}"
      "{{ eos_token }}",
      "<s>", "</s>");
  CHECK(format.render({}, false) == "<s>unset</s>");
  CHECK(format.render({}, false, {{"enable_thinking", false}}) == "<s>False</s>");
}

TEST_CASE("the refusal of a template is an error with its own words") {
  const auto format = ChatFormat::from_template(
      "{% if messages[0].role == 'system' %}{{ raise_exception('no system message') }}{% endif %}",
      "", "");
  CHECK_THROWS_WITH_AS(
      format.render(kTurns, true),
      "expected a conversation that the chat template takes, got its message: no system message",
      Error);
}

TEST_CASE("a tokenizer without a template gives plain text, and a name wins over it") {
  const auto tokenizer = make_word_level_tokenizer({"a", "<|im_end|>"}, "", "", "");
  CHECK(ChatFormat::for_tokenizer(*tokenizer).name() == "plain");
  const auto format = ChatFormat::for_tokenizer(*tokenizer, "chatml");
  CHECK(format.name() == "chatml");
  CHECK(stop_token_ids(format, *tokenizer) == std::vector<std::int32_t>{1});
}

TEST_CASE("families are told by the tokens of their templates") {
  CHECK(ChatFormat::from_template("<|im_start|>", "", "").name() == "chatml");
  CHECK(ChatFormat::from_template("<|im_start|><tool_call>", "", "").name() == "qwen");
  CHECK(ChatFormat::from_template("<|start_header_id|>", "", "").name() == "llama3");
  CHECK(ChatFormat::from_template("<｜Assistant｜>", "", "").name() == "deepseek-r1");
  CHECK(ChatFormat::from_template("[INST]", "", "").name() == "custom");
}
