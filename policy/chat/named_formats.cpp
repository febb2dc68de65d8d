#include "policy/chat/named_formats.h"

#include <array>

namespace reckon::policy {

namespace {

// <|im_start|>role newline text <|im_end|> newline.
constexpr std::string_view kChatMl =
    "{% for message in messages %}"
    "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

// ChatML; a conversation that brings no system message gets a plain one.
constexpr std::string_view kQwen =
    "{% if messages and messages[0].role != 'system' %}"
    "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
    "{% endif %}"
    "{% for message in messages %}"
    "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

constexpr std::string_view kLlama3 =
    "{{ bos_token }}"
    "{% for message in messages %}"
    "<|start_header_id|>{{ message.role }}<|end_header_id|>\n\n{{ message.content | trim }}"
    "<|eot_id|>"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}";

// The system text stands bare behind the first token; earlier answers lose their thoughts.
constexpr std::string_view kDeepSeekR1 =
    "{{ bos_token }}"
    "{% for message in messages if message.role == 'system' %}{{ message.content }}{% endfor %}"
    "{% for message in messages %}"
    "{% if message.role == 'user' %}<｜User｜>{{ message.content }}"
    "{% elif message.role == 'assistant' %}"
    "<｜Assistant｜>{{ message.content.split('</think>')[-1] }}{{ eos_token }}"
    "{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}<｜Assistant｜><think>\n{% endif %}";

// Plain text for base models: no special token, one fixed paragraph in front.
constexpr std::string_view kR1Zero =
    "Below, a User asks and an Assistant solves. The Assistant works the problem out first and "
    "only then states the result. Write the working as <think> working </think> and the result as "
    "<answer> result </answer>.\n"
    "{% for message in messages %}"
    "{% if message.role == 'system' %}{{ message.content }}\n"
    "{% elif message.role == 'user' %}User: {{ message.content }}\n"
    "{% else %}Assistant: {{ message.content }}\n"
    "{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}";

constexpr std::string_view kPlain =
    "{% for message in messages %}{{ message.content }}{% endfor %}";

constexpr std::array<NamedFormat, 6> kFormats = {{
    {"chatml", "", "<|im_end|>", kChatMl},
    {"llama3", "<|begin_of_text|>", "<|eot_id|>", kLlama3},
    {"qwen", "", "<|im_end|>", kQwen},
    {"deepseek-r1", "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", kDeepSeekR1},
    {"r1-zero", "", "", kR1Zero},
    {"plain", "", "", kPlain},
}};

}  // namespace

std::span<const NamedFormat> named_formats() { return kFormats; }

}  // namespace reckon::policy
