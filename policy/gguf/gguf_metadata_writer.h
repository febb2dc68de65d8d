#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "policy/gguf/gguf_writer.h"
#include "policy/model_config.h"
#include "policy/tokenizer.h"

namespace reckon::policy {

/// Adds the `ARCH.*` entries of a configuration. Throws Error(unsupported) for a RoPE scaling that
/// the format cannot say.
void add_config_metadata(const ModelConfig& config, GgufWriter& writer);

/// Adds the `tokenizer.*` entries, with a token for each row of the model; the ids that begin, end
/// and pad texts also without a tokenizer (null). Returns warnings, one line each. Throws
/// Error(invalid_argument) for a tokenizer with more tokens than the model has rows.
std::vector<std::string> add_tokenizer_metadata(const ModelConfig& config,
                                                const Tokenizer* tokenizer, GgufWriter& writer);

}  // namespace reckon::policy
