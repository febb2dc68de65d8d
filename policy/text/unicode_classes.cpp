#include "policy/text/unicode_classes.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <utility>

namespace reckon::policy {
namespace {

constexpr std::array kLu = std::to_array<CharacterRange>(
    {{0x1C89, 0x1C89}, {0xA7CB, 0xA7CC}, {0xA7DA, 0xA7DA}, {0xA7DC, 0xA7DC}, {0x10D50, 0x10D65}});
constexpr std::array kLl = std::to_array<CharacterRange>(
    {{0x1C8A, 0x1C8A}, {0xA7CD, 0xA7CD}, {0xA7DB, 0xA7DB}, {0x10D70, 0x10D85}, {0x1DF25, 0x1DF2A}});
constexpr std::array kLm = std::to_array<CharacterRange>({{0x10D4E, 0x10D4E},
                                                          {0x10D6F, 0x10D6F},
                                                          {0x16D40, 0x16D42},
                                                          {0x16D6B, 0x16D6C},
                                                          {0x1E030, 0x1E06D},
                                                          {0x1E4EB, 0x1E4EB}});
constexpr std::array kLo = std::to_array<CharacterRange>(
    {{0x105C0, 0x105F3}, {0x10D4A, 0x10D4D}, {0x10D4F, 0x10D4F}, {0x10EC2, 0x10EC4},
     {0x1123F, 0x11240}, {0x11380, 0x11389}, {0x1138B, 0x1138B}, {0x1138E, 0x1138E},
     {0x11390, 0x113B5}, {0x113B7, 0x113B7}, {0x113D1, 0x113D1}, {0x113D3, 0x113D3},
     {0x11BC0, 0x11BE0}, {0x11F02, 0x11F02}, {0x11F04, 0x11F10}, {0x11F12, 0x11F33},
     {0x1342F, 0x1342F}, {0x13441, 0x13446}, {0x13460, 0x143FA}, {0x16100, 0x1611D},
     {0x16D43, 0x16D6A}, {0x18CFF, 0x18CFF}, {0x1B132, 0x1B132}, {0x1B155, 0x1B155},
     {0x1E4D0, 0x1E4EA}, {0x1E5D0, 0x1E5ED}, {0x1E5F0, 0x1E5F0}, {0x2B739, 0x2B739},
     {0x2EBF0, 0x2EE5D}, {0x31350, 0x323AF}});
constexpr std::array kMn = std::to_array<CharacterRange>(
    {{0x897, 0x897},     {0xECE, 0xECE},     {0x10D69, 0x10D6D}, {0x10EFC, 0x10EFF},
     {0x11241, 0x11241}, {0x113BB, 0x113C0}, {0x113CE, 0x113CE}, {0x113D0, 0x113D0},
     {0x113D2, 0x113D2}, {0x113E1, 0x113E2}, {0x11F00, 0x11F01}, {0x11F36, 0x11F3A},
     {0x11F40, 0x11F40}, {0x11F42, 0x11F42}, {0x11F5A, 0x11F5A}, {0x13440, 0x13440},
     {0x13447, 0x13455}, {0x1611E, 0x16129}, {0x1612D, 0x1612F}, {0x1E08F, 0x1E08F},
     {0x1E4EC, 0x1E4EF}, {0x1E5EE, 0x1E5EF}});
constexpr std::array kMc = std::to_array<CharacterRange>({{0xCF3, 0xCF3},
                                                          {0x113B8, 0x113BA},
                                                          {0x113C2, 0x113C2},
                                                          {0x113C5, 0x113C5},
                                                          {0x113C7, 0x113CA},
                                                          {0x113CC, 0x113CD},
                                                          {0x113CF, 0x113CF},
                                                          {0x1171E, 0x1171E},
                                                          {0x11F03, 0x11F03},
                                                          {0x11F34, 0x11F35},
                                                          {0x11F3E, 0x11F3F},
                                                          {0x11F41, 0x11F41},
                                                          {0x1612A, 0x1612C}});
constexpr std::array kNd = std::to_array<CharacterRange>({{0x10D40, 0x10D49},
                                                          {0x116D0, 0x116E3},
                                                          {0x11BF0, 0x11BF9},
                                                          {0x11F50, 0x11F59},
                                                          {0x16130, 0x16139},
                                                          {0x16D70, 0x16D79},
                                                          {0x1CCF0, 0x1CCF9},
                                                          {0x1E4F0, 0x1E4F9},
                                                          {0x1E5F1, 0x1E5FA}});
constexpr std::array kNo = std::to_array<CharacterRange>({{0x1D2C0, 0x1D2D3}});
constexpr std::array kPd = std::to_array<CharacterRange>({{0x10D6E, 0x10D6E}});
constexpr std::array kPo = std::to_array<CharacterRange>({{0x1B4E, 0x1B4F},
                                                          {0x1B7F, 0x1B7F},
                                                          {0x113D4, 0x113D5},
                                                          {0x113D7, 0x113D8},
                                                          {0x11B00, 0x11B09},
                                                          {0x11BE1, 0x11BE1},
                                                          {0x11F43, 0x11F4F},
                                                          {0x16D6D, 0x16D6F},
                                                          {0x1E5FF, 0x1E5FF}});
constexpr std::array kSm = std::to_array<CharacterRange>({{0x10D8E, 0x10D8F}});
constexpr std::array kSo = std::to_array<CharacterRange>(
    {{0x2427, 0x2429},   {0x2FFC, 0x2FFF},   {0x31E4, 0x31E5},   {0x31EF, 0x31EF},
     {0x1CC00, 0x1CCEF}, {0x1CD00, 0x1CEB3}, {0x1F6DC, 0x1F6DC}, {0x1F774, 0x1F776},
     {0x1F77B, 0x1F77F}, {0x1F7D9, 0x1F7D9}, {0x1F8B2, 0x1F8BB}, {0x1F8C0, 0x1F8C1},
     {0x1FA75, 0x1FA77}, {0x1FA87, 0x1FA89}, {0x1FA8F, 0x1FA8F}, {0x1FAAD, 0x1FAAF},
     {0x1FABB, 0x1FABF}, {0x1FAC6, 0x1FAC6}, {0x1FACE, 0x1FACF}, {0x1FADA, 0x1FADC},
     {0x1FADF, 0x1FADF}, {0x1FAE8, 0x1FAE9}, {0x1FAF7, 0x1FAF8}, {0x1FBCB, 0x1FBEF}});
constexpr std::array kCf = std::to_array<CharacterRange>({{0x13439, 0x1343F}});

constexpr std::array kUnnormalized = std::to_array<CharacterRange>(
    {{0x7FD, 0x7FD},     {0x898, 0x89F},     {0x8CA, 0x8D3},     {0x9FE, 0x9FE},
     {0xC3C, 0xC3C},     {0xD3B, 0xD3C},     {0xEBA, 0xEBA},     {0x1715, 0x1715},
     {0x1ABF, 0x1ACE},   {0x1DF6, 0x1DFA},   {0xA82C, 0xA82C},   {0x10D24, 0x10D27},
     {0x10EAB, 0x10EAC}, {0x10EFD, 0x10EFF}, {0x10F46, 0x10F50}, {0x10F82, 0x10F85},
     {0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x1145E, 0x1145E}, {0x11839, 0x1183A},
     {0x11930, 0x11930}, {0x11935, 0x11935}, {0x11938, 0x11938}, {0x1193D, 0x1193E},
     {0x11943, 0x11943}, {0x119E0, 0x119E0}, {0x11A34, 0x11A34}, {0x11A47, 0x11A47},
     {0x11A99, 0x11A99}, {0x11D42, 0x11D42}, {0x11D44, 0x11D45}, {0x11D97, 0x11D97},
     {0x11F41, 0x11F42}, {0x16FF0, 0x16FF1}, {0x1E08F, 0x1E08F}, {0x1E130, 0x1E136},
     {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF}, {0x1E4EC, 0x1E4EF}});

constexpr std::array<std::pair<std::string_view, std::span<const CharacterRange>>, 13> kNewer = {{
    {"Lu", kLu},
    {"Ll", kLl},
    {"Lm", kLm},
    {"Lo", kLo},
    {"Mn", kMn},
    {"Mc", kMc},
    {"Nd", kNd},
    {"No", kNo},
    {"Pd", kPd},
    {"Po", kPo},
    {"Sm", kSm},
    {"So", kSo},
    {"Cf", kCf},
}};

// Numbers of Unicode 17, which the standard library of Rust knows.
constexpr std::array kNewestNumbers =
    std::to_array<CharacterRange>({{0x11DE0, 0x11DE9}, {0x16FF4, 0x16FF6}});

// Letters by use (property Other_Alphabetic) that are symbols by category, and the two joiners.
constexpr std::array kWordSymbols = std::to_array<CharacterRange>({{0x200C, 0x200D},
                                                                   {0x24B6, 0x24E9},
                                                                   {0x1F130, 0x1F149},
                                                                   {0x1F150, 0x1F169},
                                                                   {0x1F170, 0x1F189}});

}  // namespace

std::span<const CharacterRange> newer_characters(std::string_view category) {
  for (const auto& [name, ranges] : kNewer) {
    if (name == category) return ranges;
  }
  return {};
}

std::span<const CharacterRange> unnormalized_characters() { return kUnnormalized; }

bool holds(std::span<const CharacterRange> ranges, char32_t character) {
  const auto after = std::upper_bound(
      ranges.begin(), ranges.end(), character,
      [](char32_t value, const CharacterRange& range) { return value < range.first; });
  return after != ranges.begin() && character <= std::prev(after)->last;
}

bool is_number(char32_t character) {
  if (character < 0x80) return character >= '0' && character <= '9';
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(character))) {
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return true;
    default:
      return holds(kNd, character) || holds(kNo, character) || holds(kNewestNumbers, character);
  }
}

bool is_word(char32_t character) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(character))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC:
      return true;
    default:
      break;
  }
  if (holds(kWordSymbols, character)) return true;
  for (const std::string_view category : {"Lu", "Ll", "Lm", "Lo", "Mn", "Mc", "Nd"}) {
    if (holds(newer_characters(category), character)) return true;
  }
  return false;
}

}  // namespace reckon::policy
