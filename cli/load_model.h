#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "policy/pretrained.h"

namespace reckon::cli {

/// A model on the command line: MODEL, --device and --dtype.
struct ModelOptions {
  std::string path;
  std::string device = "auto";
  std::string dtype = "float32";
};

/// Adds MODEL, --device and --dtype to a command; `options` must outlive the parsing.
void add_model_options(CLI::App& command, ModelOptions& options);

/// Loads the model. Throws like `policy::load_pretrained` and `policy::parse_compute`.
policy::Pretrained load_model(const ModelOptions& options);

}  // namespace reckon::cli
