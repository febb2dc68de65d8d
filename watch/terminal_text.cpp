#include "watch/terminal_text.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/utf8.h"

namespace reckon::watch {

namespace {

// Marks that stack on one letter could cover the lines above and below.
constexpr int kMostMarks = 2;

std::string escape(char32_t character) {
  switch (character) {
    case U'\n':
      return "\\n";
    case U'\r':
      return "\\r";
    case U'\t':
      return "\\t";
    default:
      break;
  }
  const auto number = static_cast<uint32_t>(character);
  return number < 0x80 ? fmt::format("\\x{:02x}", number) : fmt::format("\\u{{{:x}}}", number);
}

bool is_variation_selector(char32_t character) {
  return character >= 0xFE00 && character <= 0xFE0F;
}

// Whether a terminal shows the character in a known number of columns and does nothing else.
bool is_harmless(char32_t character) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(character))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    default:
      return !is_variation_selector(character);
  }
}

class GlyphList {
 public:
  explicit GlyphList(Characters characters) : characters_(characters) {}

  std::vector<Glyph> take() { return std::move(glyphs_); }

  void add(std::string_view bytes, char32_t character) {
    const bool is_ascii = character < 0x80;
    if (!is_harmless(character) || (characters_ == Characters::ascii && !is_ascii)) {
      add_plain(escape(character));
      return;
    }
    const int columns = utf8proc_charwidth(static_cast<utf8proc_int32_t>(character));
    if (columns > 0) {
      glyphs_.push_back({std::string(bytes), columns});
      marks_ = 0;
    } else if (!glyphs_.empty() && marks_ < kMostMarks) {
      glyphs_.back().text += bytes;
      ++marks_;
    } else {
      add_plain(escape(character));
    }
  }

  // Letters of ASCII, each on its own.
  void add_plain(std::string_view text) {
    for (const char letter : text) glyphs_.push_back({std::string(1, letter), 1});
    marks_ = kMostMarks;
  }

 private:
  Characters characters_;
  std::vector<Glyph> glyphs_;
  int marks_ = 0;
};

/// Breaks glyphs into lines.
class Wrapper {
 public:
  Wrapper(std::vector<Glyph> glyphs, int columns, Characters characters)
      : glyphs_(std::move(glyphs)),
        columns_(std::max(1, columns)),
        mark_(characters == Characters::ascii ? "..." : "…"),
        mark_columns_(characters == Characters::ascii ? 3 : 1) {
    for (Glyph& glyph : glyphs_) {
      if (glyph.columns > columns_) glyph = {"?", 1};
    }
  }

  std::vector<std::string> lines(size_t most_lines) {
    std::vector<std::string> lines;
    while (begin_ < glyphs_.size()) {
      const size_t full = fill(columns_);
      size_t end = full;
      size_t next = full;
      if (full < glyphs_.size()) break_at_blank(end, next);
      if (lines.size() + 1 == most_lines && next < glyphs_.size()) {
        lines.push_back(marked());
        return lines;
      }
      lines.push_back(text(begin_, end));
      begin_ = next;
    }
    return lines;
  }

 private:
  // The end of the glyphs from `begin_` on that fit.
  size_t fill(int columns) const {
    size_t end = begin_;
    int used = 0;
    while (end < glyphs_.size() && used + glyphs_[end].columns <= columns) {
      used += glyphs_[end++].columns;
    }
    return end;
  }

  void break_at_blank(size_t& end, size_t& next) const {
    for (size_t at = end; at > begin_; --at) {
      if (glyphs_[at].text != " ") continue;
      end = at;
      next = at + 1;
      return;
    }
  }

  std::string marked() const {
    if (columns_ < mark_columns_) return text(begin_, fill(columns_));
    return text(begin_, fill(columns_ - mark_columns_)) + mark_;
  }

  std::string text(size_t begin, size_t end) const {
    std::string result;
    for (size_t at = begin; at < end; ++at) result += glyphs_[at].text;
    return result;
  }

  std::vector<Glyph> glyphs_;
  int columns_;
  std::string mark_;
  int mark_columns_;
  size_t begin_ = 0;
};

constexpr std::array<const char*, 8> kBlocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<const char*, 8> kLetters{".", ":", "-", "=", "+", "*", "#", "@"};

}  // namespace

std::vector<Glyph> terminal_glyphs(std::string_view text, Characters characters) {
  GlyphList list(characters);
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    if (step.valid) {
      list.add(text.substr(at, step.size), step.character);
    } else {
      list.add_plain(fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at])));
    }
    at += step.size;
  }
  return list.take();
}

int text_columns(std::string_view text, Characters characters) {
  int columns = 0;
  for (const Glyph& glyph : terminal_glyphs(text, characters)) columns += glyph.columns;
  return columns;
}

std::vector<std::string> wrap_text(std::string_view text, int columns, size_t most_lines,
                                   Characters characters) {
  return Wrapper(terminal_glyphs(text, characters), columns, characters).lines(most_lines);
}

std::string fit_text(std::string_view text, int columns, Characters characters) {
  const auto lines = wrap_text(text, columns, 1, characters);
  return lines.empty() ? std::string() : lines.front();
}

std::string sparkline(const std::vector<double>& values, Characters characters) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const auto& levels = characters == Characters::ascii ? kLetters : kBlocks;
  constexpr double highest = kBlocks.size() - 1;
  // Halves, because the difference of two finite numbers can be infinite.
  const double half = high / 2 - low / 2;
  std::string line;
  for (const double value : values) {
    if (!std::isfinite(value)) {
      line += ' ';
      continue;
    }
    const double share = half > 0.0 ? (value / 2 - low / 2) / half : 0.5;
    line += levels[static_cast<size_t>(std::lround(std::clamp(share, 0.0, 1.0) * highest))];
  }
  return line;
}

}  // namespace reckon::watch
