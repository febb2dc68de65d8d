#pragma once

#include <cstdint>
#include <filesystem>

namespace reckon {

/// A name for what stands at `path`, that changes when it changes: of a file its size and bytes (of
/// weights, `.safetensors` and `.gguf`, above 16 MiB a sample of their bytes, evenly spaced, with
/// both ends: training changes all of them), of a folder the names and
/// fingerprints of the files directly in it. Times and places do not count, so a copy has the same.
/// 0 if there is nothing. Throws Error(io).
uint64_t fingerprint(const std::filesystem::path& path);

}  // namespace reckon
