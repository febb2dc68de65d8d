#include "rewards/prose.h"

#include <algorithm>
#include <array>

#include "core/utf8.h"
#include "rewards/folded_text.h"

namespace reckon::rewards {

namespace {

/// Nothing was found.
constexpr size_t kNone = std::string_view::npos;

bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// A pair of marks around a part without language.
struct Marks {
  std::string_view open;
  std::string_view close;
};

constexpr std::array<Marks, 5> kMarks = {
    {{"```", "```"}, {"~~~", "~~~"}, {"$$", "$$"}, {"\\(", "\\)"}, {"\\[", "\\]"}}};

/// Finds the parts that are no prose.
class FormulaScanner {
 public:
  explicit FormulaScanner(std::string_view text) : text_(text) {}

  std::string run() {
    std::string prose;
    for (size_t at = 0; at < text_.size();) {
      const size_t end = formula_end(at);
      if (end > at) {
        prose += ' ';
        at = end;
      } else {
        prose += text_[at++];
      }
    }
    return prose;
  }

 private:
  /// End of the part without language that begins at `at`; `at` if none does.
  size_t formula_end(size_t at) {
    switch (text_[at]) {
      case '`':
        return std::max(marked_end(at), backtick_end(at));
      case '~':
        return marked_end(at);
      case '$':
        return std::max(marked_end(at), dollar_end(at));
      case '\\':
        return std::max(marked_end(at), command_end(at));
      case '<':
        return tag_end(at);
      case 'h':
        return address_end(at);
      default:
        return at;
    }
  }

  size_t marked_end(size_t at) {
    for (size_t i = 0; i < kMarks.size(); ++i) {
      const auto& [open, close] = kMarks[i];
      if (!text_.substr(at).starts_with(open)) continue;
      const size_t begin = at + open.size();
      // A search that once came to the end in vain would do so from every later place.
      if (unclosed_[i]) continue;
      const size_t found = text_.find(close, begin);
      if (found != kNone) return found + close.size();
      unclosed_[i] = true;
    }
    return at;
  }

  /// Code in backticks stays in its line.
  size_t backtick_end(size_t at) const {
    const size_t stop = text_.find_first_of("`\n", at + 1);
    const bool closed = stop != kNone && stop > at + 1 && text_[stop] == '`';
    return closed ? stop + 1 : at;
  }

  size_t dollar_end(size_t at) const {
    const size_t next = text_.find('$', at + 1);
    if (next == kNone || next == at + 1 || is_blank(text_[at + 1])) return at;
    if (is_blank(text_[next - 1])) return at;
    if (next + 1 < text_.size() && is_digit(text_[next + 1])) return at;
    const bool paragraph = text_.substr(at, next - at).find("\n\n") != kNone;
    return paragraph ? at : next + 1;
  }

  size_t command_end(size_t at) const {
    size_t end = at + 1;
    while (end < text_.size() && is_ascii_letter(text_[end])) ++end;
    const std::string_view name = text_.substr(at + 1, end - at - 1);
    // Two backslashes end a line; the second one begins nothing.
    if (name.empty()) return text_.substr(end).starts_with('\\') ? at + 2 : at;
    // The name of an environment is no word; the text of \text{...} is.
    if ((name == "begin" || name == "end") && end < text_.size() && text_[end] == '{') {
      const size_t close = text_.substr(end, kLongestTag).find('}');
      if (close != kNone) return end + close + 1;
    }
    return end;
  }

  size_t tag_end(size_t at) const {
    const std::string_view rest = text_.substr(at + 1, kLongestTag);
    const size_t close = rest.find_first_of("<>\n");
    if (close == kNone || close == 0 || rest[close] != '>') return at;
    const bool opens = is_ascii_letter(rest[0]) || rest[0] == '/' || rest[0] == '|';
    return opens && rest.substr(0, close).find(' ') == kNone ? at + close + 2 : at;
  }

  size_t address_end(size_t at) const {
    const std::string_view rest = text_.substr(at);
    if (!rest.starts_with("http://") && !rest.starts_with("https://")) return at;
    size_t end = at;
    while (end < text_.size() && !is_blank(text_[end])) ++end;
    return end;
  }

  static constexpr size_t kLongestTag = 64;

  std::string_view text_;
  std::array<bool, kMarks.size()> unclosed_ = {};
};

bool ends_sentence(char32_t c) {
  static constexpr std::u32string_view kEnds =
      U".!?;:"
      U"\n\u0589\u061B\u061F\u06D4\u0964\u0965\u2026\u3002\uFF01\uFF0E\uFF1A\uFF1B\uFF1F\uFF61";
  return kEnds.find(c) != kEnds.npos;
}

bool names_variables(Script script) { return script == Script::latin || script == Script::greek; }

/// Cuts a text into words.
class WordSplitter {
 public:
  explicit WordSplitter(std::string_view text) : text_(text) {}

  std::vector<Sentence> run() {
    for (size_t at = 0; at < text_.size();) {
      const Utf8Step step = read_utf8(text_, at);
      take(step.valid ? step.character : 0, step.valid, at, step.size);
      at += step.size;
    }
    end_word();
    end_sentence();
    return std::move(sentences_);
  }

 private:
  void take(char32_t c, bool valid, size_t at, size_t size) {
    const Script script = valid ? script_of(c) : Script::none;
    if (script == Script::none) {
      const bool code = (c >= U'0' && c <= U'9') || c == U'_';
      if (code) in_code_ = true;
      if (!code || !names_variables(word_.script)) end_word();
      after_code_ = code;
      if (ends_sentence(c)) end_sentence();
      return;
    }
    if (script != Script::inherited) {
      const bool disguise =
          word_.script != script && looks_like_latin(script) && looks_like_latin(word_.script);
      if (word_.script != script && !disguise) end_word();
      if (word_.script == Script::none) {
        word_.script = script;
        begin_ = at;
        in_code_ = after_code_;
      }
      word_.mixed = word_.mixed || disguise;
      ++word_.letters;
    }
    end_ = at + size;
    after_code_ = false;
  }

  void end_word() {
    const bool variable = names_variables(word_.script) && (word_.letters < 2 || in_code_);
    if (word_.script != Script::none && !variable) {
      const int per_word = characters_per_word(word_.script);
      word_.weight = per_word == 0 ? 1 : (word_.letters + per_word - 1) / per_word;
      word_.folded = folded_word(text_.substr(begin_, end_ - begin_));
      sentence_.push_back(std::move(word_));
    }
    word_ = {};
    in_code_ = false;
  }

  void end_sentence() {
    if (!sentence_.empty()) sentences_.push_back(std::move(sentence_));
    sentence_ = {};
  }

  std::string_view text_;
  std::vector<Sentence> sentences_;
  Sentence sentence_;
  ProseWord word_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool in_code_ = false;     // the open word holds digits or underscores
  bool after_code_ = false;  // the last character was one
};

}  // namespace

std::string without_formulas(std::string_view text) { return FormulaScanner(text).run(); }

std::vector<Sentence> split_prose(std::string_view text) { return WordSplitter(text).run(); }

std::string folded_word(std::string_view word) {
  const bool ascii = std::ranges::all_of(word, is_ascii_letter);
  if (!ascii) return folded_text(word, {true, true});
  std::string folded(word);
  for (char& c : folded) c = static_cast<char>(c | 0x20);
  return folded;
}

}  // namespace reckon::rewards
