// A chat template, a zero byte, and the content of a message. Few steps are allowed, so that an
// input that asks for much ends soon.
#include "policy/chat/template.h"

#include "tests/fuzz/fuzz_input.h"

using namespace reckon;
namespace jinja = reckon::policy::jinja;

namespace {

jinja::Value message(std::string_view role, std::string_view content) {
  return jinja::Value::mapping({{"role", role}, {"content", content}});
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view content = fuzz::as_text(data, size);
  const std::string_view source = fuzz::cut_part(content);
  fuzz::may_refuse([&] {
    const jinja::Template chat(source);
    jinja::Limits limits;
    limits.steps = 20'000;
    limits.output_bytes = 1 << 18;
    limits.total_bytes = 1 << 22;
    const auto messages =
        jinja::Value::list({message("system", "Be brief."), message("user", content),
                            message("assistant", "<think>a</think> b")});
    const std::string text = chat.render({{"messages", messages},
                                          {"add_generation_prompt", true},
                                          {"bos_token", "<s>"},
                                          {"eos_token", "</s>"}},
                                         limits);
    fuzz::must(text.size() <= static_cast<std::size_t>(limits.output_bytes));
  });
  return 0;
}
