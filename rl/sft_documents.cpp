#include "rl/sft_documents.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/error.h"

namespace reckon::rl {

using tasks::DocumentIds;

namespace {

// End tokens of the tokenizers that models of today have, and of the tiny recipes.
constexpr std::array<std::string_view, 8> kEndTexts = {"<eos>",
                                                       "</s>",
                                                       "<|endoftext|>",
                                                       "<|im_end|>",
                                                       "<|eot_id|>",
                                                       "<|end_of_text|>",
                                                       "<｜end▁of▁sentence｜>",
                                                       "<end_of_turn>"};

std::string_view without_blanks(std::string_view text) {
  const size_t last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

}  // namespace

bool DocumentMaker::ends(const std::vector<int32_t>& ids) const {
  return !ids.empty() && std::ranges::find(sources_.end_ids, ids.back()) != sources_.end_ids.end();
}

std::optional<DocumentIds> DocumentMaker::from_ids(DocumentIds document) {
  auto& [prompt, completion] = document;
  // The model needs one token to go on from.
  if (prompt.empty() && sources_.tokenizer->bos_id()) prompt = {*sources_.tokenizer->bos_id()};
  const size_t before = options_.completion_only_loss && !prompt.empty() ? prompt.size() : 1;
  std::vector<int32_t> all = std::move(prompt);
  all.insert(all.end(), completion.begin(), completion.end());
  const auto limit = static_cast<size_t>(options_.max_length.value_or(INT64_MAX));
  if (all.size() > limit) {
    if (options_.truncation == "drop") return std::nullopt;
    all.resize(limit);
    if (all.size() > before) ++cut_;
  }
  if (all.size() <= before) return std::nullopt;
  const auto middle = all.begin() + static_cast<ptrdiff_t>(before);
  return DocumentIds{{all.begin(), middle}, {middle, all.end()}};
}

std::optional<DocumentIds> DocumentMaker::from_text(const std::string& prompt,
                                                    const std::string& completion) {
  DocumentIds out{sources_.tokenizer->encode(prompt), sources_.tokenizer->encode(completion)};
  const auto eos = sources_.tokenizer->eos_id();
  if (!ends(out.completion) && eos) out.completion.push_back(*eos);
  return from_ids(std::move(out));
}

std::optional<DocumentIds> DocumentMaker::from_sampled_text(const std::string& prompt,
                                                            const std::string& completion) {
  std::string_view text = without_blanks(completion);
  const auto end = std::ranges::find_if(
      kEndTexts, [&](std::string_view token) { return text.ends_with(token); });
  if (end == kEndTexts.end()) return from_text(prompt, completion);
  text.remove_suffix(end->size());
  return from_text(prompt, std::string(without_blanks(text)));
}

std::optional<DocumentIds> DocumentMaker::from_messages(const std::vector<ChatMessage>& messages) {
  const std::span all(messages);
  const std::string prompt = sources_.format.render(all.first(all.size() - 1), true);
  const std::string whole = sources_.format.render(all, false);
  // A template may write a last answer in another way than the prompt leads to, for example without
  // its thought: what a model has to say behind its prompt is then the answer itself.
  if (!whole.starts_with(prompt)) return from_text(prompt, messages.back().content);
  std::string completion = whole.substr(prompt.size());
  // Behind its end token a model says nothing: a line end there is the template's.
  const auto text = without_blanks(completion);
  if (ends(sources_.tokenizer->encode(text))) completion = std::string(text);
  return from_text(prompt, completion);
}

std::optional<DocumentIds> DocumentMaker::from_row(const SftRow& row) {
  if (!row.messages.empty()) return from_messages(row.messages);
  if (!sources_.as_messages) return from_text(row.prompt, row.completion);
  const std::vector<ChatMessage> messages = {{"user", row.prompt}};
  return from_text(sources_.format.render(messages, true), row.completion);
}

}  // namespace reckon::rl
