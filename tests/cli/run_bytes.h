#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace reckon::tests {

/// What two equal runs have in common to the byte: the JSON lines files without what measures the
/// machine (docs/formats.md), and the weights of every stage. Keys are paths inside the folder.
using RunBytes = std::map<std::string, std::string>;

/// Reads it from a run folder. A file that is missing is missing in the result.
RunBytes run_bytes(const std::filesystem::path& run);

/// "" if they are equal, else which files differ and where the first of them does so.
std::string difference(const RunBytes& wanted, const RunBytes& got);

/// Every file of the folder with its bytes, for "nothing was changed".
RunBytes all_bytes(const std::filesystem::path& folder);

/// Bytes in the run's three JSON lines files: how far it has come.
uint64_t written_bytes(const std::filesystem::path& run);

}  // namespace reckon::tests
