#pragma once

#include <cstdint>
#include <filesystem>

namespace reckon {

/// A name for what stands at `path`, that changes when it changes: of a file its size and bytes (of
/// one above 16 MiB a sample of its bytes, evenly spaced, with both ends), of a folder the names and
/// fingerprints of the files directly in it. Times and places do not count, so a copy has the same.
/// 0 if there is nothing. Throws Error(io).
uint64_t fingerprint(const std::filesystem::path& path);

}  // namespace reckon
