#include "policy/text/stream_decoder.h"

#include <array>
#include <utility>

#include "core/utf8.h"

namespace reckon::policy {

StreamDecoder::StreamDecoder(const Tokenizer& tokenizer, SpecialText special)
    : tokenizer_(&tokenizer), special_(special) {}

std::string StreamDecoder::add(std::int32_t id) {
  if (special_ == SpecialText::skip && tokenizer_->is_special(id)) return {};
  // What a token adds may depend on the one before it: words are joined by spaces.
  std::string bytes;
  if (last_) {
    const std::array<std::int32_t, 2> both = {*last_, id};
    const std::size_t known = tokenizer_->decode_bytes(std::span(both).first(1)).size();
    bytes = tokenizer_->decode_bytes(both).substr(known);
  } else {
    bytes = tokenizer_->decode_bytes(std::span(&id, 1));
  }
  last_ = id;
  pending_ += bytes;
  const std::size_t ready = pending_.size() - cut_utf8_size(pending_);
  std::string text = replace_invalid_utf8(std::string_view(pending_).substr(0, ready));
  pending_.erase(0, ready);
  return text;
}

std::string StreamDecoder::finish() {
  last_.reset();
  return replace_invalid_utf8(std::exchange(pending_, {}));
}

}  // namespace reckon::policy
