#pragma once

#include <memory>
#include <string>

#include "policy/gguf/gguf_file.h"
#include "policy/tokenizer.h"

namespace reckon::policy {

/// The texts of the files that a Hugging Face folder would hold for the tokenizer of a GGUF file.
struct GgufTokenizerTexts {
  std::string tokenizer;  ///< tokenizer.json
  std::string config;     ///< tokenizer_config.json, with the chat template
};

/// Whether a file describes a tokenizer at all: some say "none". Throws Error(corrupt).
bool has_gguf_tokenizer(const GgufFile& file);

/// Composes these texts from `tokenizer.*`: the entry `tokenizer.huggingface.json` as it is, else a
/// byte-level BPE (model "gpt2") from tokens, merges and the way of splitting that
/// `tokenizer.ggml.pre` names. Rows of the model without a token (`[PADn]`) are left out. Throws
/// Error(unsupported) for other models and unknown ways of splitting, naming them, and
/// Error(corrupt) for malformed entries.
GgufTokenizerTexts compose_tokenizer_texts(const GgufFile& file);

/// The tokenizer of these texts. Throws as above and like `parse_tokenizer`.
std::unique_ptr<Tokenizer> read_gguf_tokenizer(const GgufFile& file);

}  // namespace reckon::policy
