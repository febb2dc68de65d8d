#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "policy/tokenizer.h"

namespace reckon::policy {

/// Turns tokens into text one at a time, for output that is shown while it is made. A character
/// whose bytes lie in several tokens comes out whole with the last of them. What `add` and `finish`
/// return, put together, equals Tokenizer::decode of all ids. Not thread-safe.
class StreamDecoder {
 public:
  /// The tokenizer must live as long as the decoder.
  StreamDecoder(const Tokenizer& tokenizer, SpecialText special);

  /// The text that `id` completes, maybe empty. Throws Error(invalid_argument) like
  /// Tokenizer::decode; then the decoder is as before.
  std::string add(std::int32_t id);

  /// U+FFFD if the last character is cut, else nothing. The decoder then starts anew.
  std::string finish();

 private:
  const Tokenizer* tokenizer_;
  SpecialText special_;
  std::optional<std::int32_t> last_;  // id that was not skipped
  std::string pending_;               // bytes of a character that is not complete
};

}  // namespace reckon::policy
