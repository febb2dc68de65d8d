#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace reckon::policy {

/// A token that is found in the raw text before the model of the tokenizer looks at it.
struct AddedToken {
  std::int32_t id = 0;
  std::string text;
  bool special = false;      // `decode` can skip it
  bool normalized = false;   // looked for in a second pass, between the tokens of the first
  bool single_word = false;  // found only where no word continues on either side
  bool strip_left = false;   // swallows white space before it
  bool strip_right = false;  // swallows white space after it
  std::string sought = {};   // what is looked for, if it is not `text` (a normalized form of it)
};

/// Makes the token with this id a special one, adding it to `tokens` if it is not there.
void make_special(std::vector<AddedToken>& tokens, std::int32_t id, const std::string& text);

/// Lets maps with text as key be searched by std::string_view.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

/// A piece of a text: an added token, or with `id` below 0 the text between such tokens.
struct TextPiece {
  std::string_view text;
  std::int32_t id = -1;
};

/// The search for added tokens, which every type of tokenizer has in front. Immutable, hence
/// thread-safe.
class AddedTokens {
 public:
  AddedTokens() = default;

  /// Texts must not be empty; ids and texts must be unique.
  explicit AddedTokens(std::vector<AddedToken> tokens);

  /// All tokens, sorted by id.
  const std::vector<AddedToken>& tokens() const { return tokens_; }

  /// Cuts `text` (UTF-8) at the added tokens; of several that begin at one place the longest wins.
  /// The pieces are in order, none is empty, and they view `text`. The passes can also be made one
  /// by one, to normalize the pieces between them.
  std::vector<TextPiece> split(std::string_view text) const;
  std::vector<TextPiece> split_raw(std::string_view text) const { return split_by(raw_, text); }
  std::vector<TextPiece> split_normalized(std::string_view text) const {
    return split_by(normalized_, text);
  }

 private:
  // Tokenizers with thousands of reserved tokens that begin alike are common, so a token is looked
  // up by hash once for each length that occurs with the first byte.
  struct Index {
    std::array<std::vector<std::size_t>, 256> lengths;  // by first byte, longest first
    std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>>
        positions;  // in tokens_
  };

  const AddedToken* match(const Index& index, std::string_view text) const;
  std::vector<TextPiece> split_by(const Index& index, std::string_view text) const;

  std::vector<AddedToken> tokens_;
  Index raw_;
  Index normalized_;
};

}  // namespace reckon::policy
