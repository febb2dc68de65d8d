#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/gguf/gguf_file.h"

namespace reckon::policy {

/// Reads typed metadata of one file, with messages that name file and key. All functions throw
/// Error(corrupt) for a value of another type. The file must outlive the object. Thread-safe.
class GgufKeys {
 public:
  explicit GgufKeys(const GgufFile& file) : file_(file) {}

  bool has(const std::string& key) const { return file_.find(key) != nullptr; }

  /// A whole number from `low` to `high`, of any width; none if the key is absent.
  std::optional<std::int64_t> integer(const std::string& key, std::int64_t low,
                                      std::int64_t high) const;

  /// `integer` of a key that must be there.
  std::int64_t required_integer(const std::string& key, std::int64_t low, std::int64_t high) const;

  /// A finite number, whole or not. One of float32 becomes the shortest decimal that it stands for.
  std::optional<double> number(const std::string& key) const;

  /// A finite number above 0, or `fallback` where the key is absent.
  double positive(const std::string& key, double fallback) const;

  std::optional<bool> boolean(const std::string& key) const;
  std::optional<std::string_view> text(const std::string& key) const;

  /// A list of texts, or null. Valid as long as the file.
  const std::vector<std::string_view>* texts(const std::string& key) const;

  /// A list of whole numbers that fit into 64 bits with a sign; none if the key is absent.
  std::optional<std::vector<std::int64_t>> integers(const std::string& key) const;

  /// "FILE/KEY", for messages.
  std::string place(const std::string& key) const { return file_.file_name() + "/" + key; }

  const GgufFile& file() const { return file_; }

 private:
  const GgufFile& file_;
};

}  // namespace reckon::policy
