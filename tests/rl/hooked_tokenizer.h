#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "policy/tokenizer.h"

namespace reckon::rl {

/// A tokenizer that calls `on_decode` before it turns ids into text, that is, after answers were
/// sampled and before they are scored.
class HookedTokenizer : public policy::Tokenizer {
 public:
  HookedTokenizer(std::shared_ptr<const policy::Tokenizer> inner, std::function<void()> on_decode)
      : inner_(std::move(inner)), on_decode_(std::move(on_decode)) {}

  std::vector<std::int32_t> encode(std::string_view text) const override {
    return inner_->encode(text);
  }
  std::string decode(std::span<const std::int32_t> ids,
                     policy::SpecialText special) const override {
    on_decode_();
    return inner_->decode(ids, special);
  }
  std::int32_t vocab_size() const override { return inner_->vocab_size(); }
  std::optional<std::int32_t> token_id(std::string_view token) const override {
    return inner_->token_id(token);
  }
  const std::string& token(std::int32_t id) const override { return inner_->token(id); }
  bool is_special(std::int32_t id) const override { return inner_->is_special(id); }
  const policy::SpecialIds& special_ids() const override { return inner_->special_ids(); }
  void save(const std::filesystem::path& folder) const override { inner_->save(folder); }

 private:
  std::shared_ptr<const policy::Tokenizer> inner_;
  std::function<void()> on_decode_;
};

}  // namespace reckon::rl
