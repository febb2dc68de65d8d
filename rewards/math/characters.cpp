#include "rewards/math/characters.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "core/utf8.h"

namespace reckon::rewards::math {

namespace {

struct Mapping {
  char32_t character;
  std::string_view latex;
};

/// Signs. A command ends in a blank, so that letters behind it do not grow into its name.
constexpr Mapping kSigns[] = {
    {U'\u2212', "-"},
    {U'\u2013', "-"},
    {U'\u2014', "-"},
    {U'\u2010', "-"},
    {U'\u2011', "-"},
    {U'\u2012', "-"},
    {U'\u2015', "-"},
    {U'\uFE63', "-"},
    {U'\uFF0D', "-"},
    {U'\u00D7', "\\times "},
    {U'\u2715', "\\times "},
    {U'\u2A2F', "\\times "},
    {U'\u00F7', "\\div "},
    {U'\u2215', "/"},
    {U'\u2044', "/"},
    {U'\u00B7', "\\cdot "},
    {U'\u22C5', "\\cdot "},
    {U'\u2219', "\\cdot "},
    {U'\u2022', "\\cdot "},
    {U'\u2217', "*"},
    {U'\u03C0', "\\pi "},
    {U'\u221A', "\\sqrt "},
    {U'\u221B', "\\sqrt[3]"},
    {U'\u221C', "\\sqrt[4]"},
    {U'\u221E', "\\infty "},
    {U'\u2264', "\\le "},
    {U'\u2265', "\\ge "},
    {U'\u2A7D', "\\le "},
    {U'\u2A7E', "\\ge "},
    {U'\u2266', "\\le "},
    {U'\u2267', "\\ge "},
    {U'\u2260', "\\ne "},
    {U'\u2248', "\\approx "},
    {U'\u2243', "\\simeq "},
    {U'\u2245', "\\approx "},
    {U'\u2261', "\\equiv "},
    {U'\u00B1', "\\pm "},
    {U'\u2213', "\\mp "},
    {U'\u00B0', "^\\circ "},
    {U'\u00BA', "^\\circ "},
    {U'\u02DA', "^\\circ "},
    {U'\u222A', "\\cup "},
    {U'\u22C3', "\\cup "},
    {U'\u2229', "\\cap "},
    {U'\u2205', "\\emptyset "},
    {U'\u00D8', "\\emptyset "},
    {U'\u2208', "\\in "},
    {U'\u2216', "\\setminus "},
    {U'\u211D', "\\mathbb{R}"},
    {U'\u2124', "\\mathbb{Z}"},
    {U'\u2115', "\\mathbb{N}"},
    {U'\u211A', "\\mathbb{Q}"},
    {U'\u2102', "\\mathbb{C}"},
    {U'\u2211', "\\sum "},
    {U'\u220F', "\\prod "},
    {U'\u222B', "\\int "},
    {U'\u2026', "\\ldots "},
    {U'\u22EF', "\\cdots "},
    {U'\u2192', "\\to "},
    {U'\u27E8', "\\langle "},
    {U'\u27E9', "\\rangle "},
    {U'\u2329', "\\langle "},
    {U'\u232A', "\\rangle "},
    {U'\u230A', "\\lfloor "},
    {U'\u230B', "\\rfloor "},
    {U'\u2308', "\\lceil "},
    {U'\u2309', "\\rceil "},
    {U'\u2223', "|"},
    {U'\u2032', "'"},
    {U'\u2033', "''"},
    {U'\u2019', "'"},
    {U'\u201C', "\""},
    {U'\u201D', "\""},
    {U'\u2018', "'"},
    {U'\u2227', "\\land "},
    {U'\u2228', "\\lor "},
    {U'\u2202', "\\partial "},
    {U'\u2207', "\\nabla "},
    {U'\u2220', "\\angle "},
    {U'\u25B3', "\\triangle "},
    {U'\u2113', "\\ell "},
    {U'\u2147', "e"},
    {U'\u2148', "i"},
    {U'\u2236', ":"},
    {U'\u3001', ","},
    {U'\u3002', "."},
    {U'\u00BC', "\\frac{1}{4}"},
    {U'\u00BD', "\\frac{1}{2}"},
    {U'\u00BE', "\\frac{3}{4}"},
    {U'\u2153', "\\frac{1}{3}"},
    {U'\u2154', "\\frac{2}{3}"},
    {U'\u2155', "\\frac{1}{5}"},
    {U'\u2156', "\\frac{2}{5}"},
    {U'\u2157', "\\frac{3}{5}"},
    {U'\u2158', "\\frac{4}{5}"},
    {U'\u2159', "\\frac{1}{6}"},
    {U'\u215A', "\\frac{5}{6}"},
    {U'\u2150', "\\frac{1}{7}"},
    {U'\u215B', "\\frac{1}{8}"},
    {U'\u215C', "\\frac{3}{8}"},
    {U'\u215D', "\\frac{5}{8}"},
    {U'\u215E', "\\frac{7}{8}"},
    {U'\u2151', "\\frac{1}{9}"},
    {U'\u2152', "\\frac{1}{10}"},
    {U'\u00B5', "\\mu "},
    {U'\u2126', "\\Omega "},
    {U'\u2206', "\\Delta "},
};

/// Greek letters from alpha on, in Unicode's order; pi stands above.
constexpr std::array<std::string_view, 25> kSmallGreek{
    "\\alpha ",   "\\beta ", "\\gamma ", "\\delta ",    "\\epsilon ", "\\zeta ", "\\eta ",
    "\\theta ",   "\\iota ", "\\kappa ", "\\lambda ",   "\\mu ",      "\\nu ",   "\\xi ",
    "\\omicron ", "\\pi ",   "\\rho ",   "\\varsigma ", "\\sigma ",   "\\tau ",  "\\upsilon ",
    "\\phi ",     "\\chi ",  "\\psi ",   "\\omega "};
constexpr Mapping kLargeGreek[] = {
    {U'\u0393', "\\Gamma "},   {U'\u0394', "\\Delta "}, {U'\u0398', "\\Theta "},
    {U'\u039B', "\\Lambda "},  {U'\u039E', "\\Xi "},    {U'\u03A0', "\\Pi "},
    {U'\u03A3', "\\Sigma "},   {U'\u03A6', "\\Phi "},   {U'\u03A8', "\\Psi "},
    {U'\u03A9', "\\Omega "},   {U'\u03D5', "\\phi "},   {U'\u03D1', "\\vartheta "},
    {U'\u03F5', "\\epsilon "},
};

constexpr Mapping kSuperscripts[] = {
    {U'\u2070', "0"}, {U'\u00B9', "1"}, {U'\u00B2', "2"}, {U'\u00B3', "3"}, {U'\u2074', "4"},
    {U'\u2075', "5"}, {U'\u2076', "6"}, {U'\u2077', "7"}, {U'\u2078', "8"}, {U'\u2079', "9"},
    {U'\u207A', "+"}, {U'\u207B', "-"}, {U'\u207D', "("}, {U'\u207E', ")"}, {U'\u207F', "n"},
    {U'\u2071', "i"}, {U'\u02E3', "x"}, {U'\u1D4F', "k"}, {U'\u1D50', "m"}, {U'\u1D57', "t"},
    {U'\u02B8', "y"}, {U'\u1D43', "a"}, {U'\u1D47', "b"}, {U'\u1D49', "e"},
};
constexpr Mapping kSubscripts[] = {
    {U'\u2080', "0"}, {U'\u2081', "1"}, {U'\u2082', "2"}, {U'\u2083', "3"}, {U'\u2084', "4"},
    {U'\u2085', "5"}, {U'\u2086', "6"}, {U'\u2087', "7"}, {U'\u2088', "8"}, {U'\u2089', "9"},
    {U'\u208A', "+"}, {U'\u208B', "-"}, {U'\u208D', "("}, {U'\u208E', ")"}, {U'\u2090', "a"},
    {U'\u2091', "e"}, {U'\u1D62', "i"}, {U'\u2C7C', "j"}, {U'\u2096', "k"}, {U'\u2099', "n"},
    {U'\u2098', "m"}, {U'\u2093', "x"}, {U'\u209A', "p"}, {U'\u209C', "t"}, {U'\u1D63', "r"},
};

template <size_t N>
std::string_view find(const Mapping (&list)[N], char32_t character) {
  const auto* place = std::find_if(std::begin(list), std::end(list), [&](const Mapping& entry) {
    return entry.character == character;
  });
  return place == std::end(list) ? std::string_view() : place->latex;
}

/// Zero-width characters and the like, which nobody sees.
bool is_invisible(char32_t c) {
  return c == 0x200B || c == 0x200C || c == 0x200D || c == 0x200E || c == 0x200F || c == 0xFEFF ||
         (c >= 0x2060 && c <= 0x2064) || c == 0x00AD || c == 0xFE0E || c == 0xFE0F;
}

std::string_view find_sign(char32_t c) {
  if (const auto found = find(kSigns, c); !found.empty()) return found;
  if (c >= 0x3B1 && c <= 0x3C9) return kSmallGreek[c - 0x3B1];
  return find(kLargeGreek, c);
}

/// Letters and digits of the mathematical block, in groups that repeat: bold, italic, ...
char plain_form(char32_t c) {
  if (c >= 0x1D400 && c <= 0x1D6A3) {
    const char32_t place = (c - 0x1D400) % 52;
    return static_cast<char>(place < 26 ? U'A' + place : U'a' + (place - 26));
  }
  if (c >= 0x1D7CE && c <= 0x1D7FF) return static_cast<char>(U'0' + (c - 0x1D7CE) % 10);
  if (c >= 0xFF01 && c <= 0xFF5E) return static_cast<char>(c - 0xFF01 + U'!');
  return 0;
}

/// Appends what `c` becomes, if it is no part of a run.
void append_character(std::string& result, char32_t c, std::string_view bytes) {
  if (is_invisible(c)) return;
  if (is_white_space(c)) {
    result += ' ';
  } else if (const auto latex = find_sign(c); !latex.empty()) {
    result += latex;
  } else if (const char plain = plain_form(c); plain != 0) {
    result += plain;
  } else {
    result += bytes;
  }
}

}  // namespace

std::optional<std::string> as_latex(std::string_view text) {
  std::string result;
  result.reserve(text.size() + 16);
  char run = 0;  // '^' or '_' while a run of raised or lowered characters is open
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    if (!step.valid) return std::nullopt;
    const std::string_view bytes = text.substr(at, step.size);
    at += step.size;
    const bool ascii = step.character < 0x80;
    const std::string_view raised = ascii ? "" : find(kSuperscripts, step.character);
    const std::string_view lowered =
        ascii || !raised.empty() ? "" : find(kSubscripts, step.character);
    const char wanted = !raised.empty() ? '^' : !lowered.empty() ? '_' : '\0';
    if (run != wanted) {
      if (run != 0) result += '}';
      if (wanted != 0) (result += wanted) += '{';
      run = wanted;
    }
    if (wanted != 0) {
      result += wanted == '^' ? raised : lowered;
    } else if (ascii) {
      result += is_white_space(step.character) ? ' ' : static_cast<char>(step.character);
    } else {
      append_character(result, step.character, bytes);
    }
  }
  if (run != 0) result += '}';
  return result;
}

std::string fold_text(std::string_view text) {
  std::string result;
  if (!text.empty()) {
    utf8proc_uint8_t* mapped = nullptr;
    const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE |
                                                        UTF8PROC_COMPAT | UTF8PROC_CASEFOLD);
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                   static_cast<utf8proc_ssize_t>(text.size()), &mapped, options);
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
    if (size >= 0) {
      const std::string_view folded(reinterpret_cast<const char*>(mapped),
                                    static_cast<size_t>(size));
      for (size_t at = 0; at < folded.size();) {
        const Utf8Step step = read_utf8(folded, at);
        if (!step.valid || !is_white_space(step.character)) result += folded.substr(at, step.size);
        at += step.size;
      }
    } else {
      result = text;
    }
  }
  while (!result.empty() && result.back() == '.') result.pop_back();
  return result;
}

}  // namespace reckon::rewards::math
