#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace reckon::policy {

/// Metadata keys of a tokenizer.
inline constexpr const char* kTokenizerModelKey = "tokenizer.ggml.model";
inline constexpr const char* kPreTokenizerKey = "tokenizer.ggml.pre";
inline constexpr const char* kTokensKey = "tokenizer.ggml.tokens";
inline constexpr const char* kTokenTypesKey = "tokenizer.ggml.token_type";
inline constexpr const char* kMergesKey = "tokenizer.ggml.merges";
inline constexpr const char* kBosKey = "tokenizer.ggml.bos_token_id";
inline constexpr const char* kEosKey = "tokenizer.ggml.eos_token_id";
inline constexpr const char* kEotKey = "tokenizer.ggml.eot_token_id";
inline constexpr const char* kEomKey = "tokenizer.ggml.eom_token_id";
inline constexpr const char* kPadKey = "tokenizer.ggml.padding_token_id";
inline constexpr const char* kAddBosKey = "tokenizer.ggml.add_bos_token";
inline constexpr const char* kChatTemplateKey = "tokenizer.chat_template";
inline constexpr const char* kHuggingFaceKey = "tokenizer.huggingface.json";
/// Our own key, a list: all ids that end a text, where the format has too few names for them.
inline constexpr const char* kEosIdsKey = "reckon.eos_token_ids";

/// The numbers of `tokenizer.ggml.token_type`.
inline constexpr std::int64_t kNormalToken = 1;
inline constexpr std::int64_t kUnknownToken = 2;
inline constexpr std::int64_t kControlToken = 3;
inline constexpr std::int64_t kUserToken = 4;
inline constexpr std::int64_t kUnusedToken = 5;

/// The text that stands for row `id` of a model if no token has that id.
inline std::string padding_token(std::size_t id) { return fmt::format("[PAD{}]", id); }

}  // namespace reckon::policy
