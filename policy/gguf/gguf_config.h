#pragma once

#include <string>

#include "policy/gguf/gguf_file.h"
#include "policy/model_config.h"

namespace reckon::policy {

/// The name of an architecture in `general.architecture`. Thread-safe.
std::string gguf_architecture(Architecture architecture);

/// Reads the configuration of a model from a file's metadata and from which tensors it has (biases,
/// head, scaling factors). Throws Error(unsupported) for other architectures and for keys of the
/// architecture that are not known, since they may change the mathematics, and Error(corrupt) for
/// missing keys and impossible values.
ModelConfig read_gguf_config(const GgufFile& file);

}  // namespace reckon::policy
