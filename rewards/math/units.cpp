#include "rewards/math/units.h"

#include <algorithm>
#include <array>
#include <vector>

#include "rewards/math/scanner_classes.h"

namespace reckon::rewards::math {

namespace {

struct Alias {
  std::string_view word;
  std::string_view unit;
};

/// Units under their names. Words are in lower case; symbols, in the second list, as they are.
constexpr Alias kUnits[] = {
    {"millimeter", "mm"},   {"millimetre", "mm"},
    {"centimeter", "cm"},   {"centimetre", "cm"},
    {"decimeter", "dm"},    {"decimetre", "dm"},
    {"meter", "m"},         {"metre", "m"},
    {"kilometer", "km"},    {"kilometre", "km"},
    {"inch", "in"},         {"inche", "in"},
    {"foot", "ft"},         {"feet", "ft"},
    {"yard", "yd"},         {"mile", "mi"},
    {"milligram", "mg"},    {"gram", "g"},
    {"kilogram", "kg"},     {"ton", "t"},
    {"tonne", "t"},         {"ounce", "oz"},
    {"pound", "lb"},        {"second", "s"},
    {"minute", "min"},      {"hour", "h"},
    {"day", "d"},           {"week", "week"},
    {"month", "month"},     {"year", "year"},
    {"decade", "decade"},   {"centurie", "century"},
    {"century", "century"}, {"liter", "l"},
    {"litre", "l"},         {"milliliter", "ml"},
    {"millilitre", "ml"},   {"gallon", "gal"},
    {"quart", "qt"},        {"pint", "pt"},
    {"cup", "cup"},         {"tablespoon", "tbsp"},
    {"teaspoon", "tsp"},    {"acre", "acre"},
    {"hectare", "ha"},      {"cent", "cent"},
    {"penny", "cent"},      {"pennie", "cent"},
    {"radian", "rad"},      {"kelvin", "K"},
    {"celsius", "celsius"}, {"fahrenheit", "fahrenheit"},
    {"joule", "J"},         {"watt", "W"},
    {"newton", "N"},        {"volt", "V"},
    {"ampere", "A"},        {"ohm", "ohm"},
    {"hertz", "Hz"},        {"pascal", "Pa"},
    {"mole", "mol"},        {"am", "am"},
    {"pm", "pm"},           {"knot", "knot"},
};
constexpr Alias kSymbols[] = {
    {"mm", "mm"},    {"cm", "cm"},    {"dm", "dm"},    {"km", "km"},    {"in", "in"},
    {"ft", "ft"},    {"yd", "yd"},    {"yds", "yd"},   {"mi", "mi"},    {"mg", "mg"},
    {"gm", "g"},     {"gms", "g"},    {"kg", "kg"},    {"kgs", "kg"},   {"oz", "oz"},
    {"lb", "lb"},    {"lbs", "lb"},   {"sec", "s"},    {"secs", "s"},   {"min", "min"},
    {"mins", "min"}, {"hr", "h"},     {"hrs", "h"},    {"ml", "ml"},    {"mL", "ml"},
    {"gal", "gal"},  {"mph", "mi/h"}, {"kph", "km/h"}, {"kmh", "km/h"}, {"ha", "ha"},
    {"rad", "rad"},  {"Hz", "Hz"},    {"kW", "kW"},    {"kJ", "kJ"},    {"AM", "am"},
    {"PM", "pm"},    {"nm", "nm"},    {"rads", "rad"},
};
/// Symbols of one letter, which count only where a text says that they are units.
constexpr Alias kLetters[] = {{"m", "m"}, {"g", "g"},          {"s", "s"},      {"h", "h"},
                              {"l", "l"}, {"L", "l"},          {"t", "t"},      {"d", "d"},
                              {"J", "J"}, {"W", "W"},          {"N", "N"},      {"V", "V"},
                              {"K", "K"}, {"F", "fahrenheit"}, {"C", "celsius"}};

constexpr Alias kCurrencies[] = {
    {"dollar", "$"}, {"dollars", "$"},    {"USD", "$"},          {"usd", "$"}, {"bucks", "$"},
    {"euro", "€"},   {"euros", "€"},      {"EUR", "€"},          {"€", "€"},   {"£", "£"},
    {"GBP", "£"},    {"pounds", "£"},     {"textsterling", "£"}, {"¥", "¥"},   {"yen", "¥"},
    {"yuan", "¥"},   {"₹", "₹"},          {"rupees", "₹"},       {"Rs", "₹"},  {"₽", "₽"},
    {"₩", "₩"},      {"textdollar", "$"}, {"texteuro", "€"},
};

/// Things that answers count. They are dropped like units, and name none.
constexpr std::string_view kCounted[] = {
    "unit",       "units",     "way",          "ways",         "student",      "students",
    "people",     "person",    "persons",      "child",        "children",     "boys",
    "girls",      "men",       "women",        "apples",       "oranges",      "books",
    "pages",      "points",    "point",        "edges",        "faces",        "vertices",
    "sides",      "triangles", "squares",      "rectangles",   "integers",     "numbers",
    "digits",     "digit",     "values",       "solutions",    "pieces",       "items",
    "times",      "marbles",   "balls",        "cards",        "games",        "teams",
    "players",    "members",   "cookies",      "eggs",         "cars",         "tickets",
    "coins",      "pencils",   "pens",         "dogs",         "cats",         "cows",
    "chickens",   "fish",      "birds",        "animals",      "trees",        "flowers",
    "bottles",    "boxes",     "bags",         "questions",    "problems",     "teachers",
    "workers",    "words",     "letters",      "lines",        "steps",        "meals",
    "shirts",     "toys",      "stickers",     "candies",      "pizzas",       "slices",
    "sandwiches", "hats",      "shoes",        "rooms",        "houses",       "multiples",
    "terms",      "pairs",     "combinations", "permutations", "arrangements", "outcomes",
    "elements",   "subsets",   "roots",        "distinct",     "different",    "possible",
    "right",      "total",
};

/// Words that turn a number into something else. A phrase that holds one is no unit.
constexpr std::string_view kChangers[] = {
    "or",         "and",       "more",       "less",      "fewer",      "than",
    "at",         "least",     "most",       "not",       "no",         "if",
    "when",       "where",     "for",        "is",        "are",        "from",
    "to",         "only",      "but",        "except",    "below",      "above",
    "under",      "over",      "before",     "after",     "ago",        "late",
    "early",      "times",     "north",      "south",     "east",       "west",
    "left",       "loss",      "profit",     "negative",  "minus",      "plus",
    "modulo",     "squared",   "cubed",      "half",      "halves",     "third",
    "thirds",     "quarter",   "quarters",   "fourths",   "hundred",    "thousand",
    "million",    "billion",   "trillion",   "base",      "remainder",  "approximately",
    "about",      "does",      "undefined",  "dozen",     "pairs",      "with",
    "by",         "mod",       "percentage", "cannot",    "can",        "fourth",
    "fifth",      "sixth",     "seventh",    "eighth",    "ninth",      "tenth",
    "twelfth",    "sixteenth", "twentieth",  "hundredth", "thousandth", "millionth",
    "tens",       "ones",      "hundreds",   "thousands", "millions",   "billions",
    "trillions",  "score",     "scores",     "gross",     "couple",     "double",
    "triple",     "twice",     "thrice",     "fold",      "factorial",  "root",
    "reciprocal", "inverse",   "log",        "th",        "st",         "nd",
    "rd",         "without",   "into",       "choose",    "short",      "lower",
    "higher",     "greater",   "smaller",    "larger",    "bigger",     "exceeding",
    "almost",     "nearly",    "unless",     "false",     "wrong",      "ppm",
    "ppb",        "permille",  "repeating",  "recurring", "incorrect",  "k",
    "r",          "rem",
};

template <size_t N>
std::string_view find(const Alias (&list)[N], std::string_view word) {
  for (const Alias& entry : list) {
    if (entry.word == word) return entry.unit;
  }
  return {};
}

std::string lower(std::string_view word) {
  std::string result(word);
  for (char& c : result) {
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// The canonical unit of one word, or nothing.
std::string_view unit_of(std::string_view word, bool letters) {
  if (const auto found = find(kSymbols, word); !found.empty()) return found;
  if (letters) {
    if (const auto found = find(kLetters, word); !found.empty()) return found;
  }
  if (word.size() < 2) return {};
  const std::string small = lower(word);
  if (const auto found = find(kUnits, small); !found.empty()) return found;
  if (small.ends_with('s'))
    return find(kUnits, std::string_view(small).substr(0, small.size() - 1));
  return {};
}

bool contains(std::span<const std::string_view> list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// Whether a word in lower case changes the number before it, in the singular or the plural.
bool is_changer(std::string_view word) {
  if (contains(kChangers, word)) return true;
  return word.ends_with('s') && !contains(kCounted, word) &&
         contains(kChangers, word.substr(0, word.size() - 1));
}

/// The words of a phrase: letters, and the signs ^2 and /. Dots are dropped: "sq. cm", "p.m.".
std::vector<std::string> words_of(std::string_view phrase) {
  std::vector<std::string> words;
  bool open = false;
  for (size_t i = 0; i < phrase.size(); ++i) {
    const char c = phrase[i];
    if (c == '.' && open) continue;
    const bool part = is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
    if (part) {
      if (!open) words.emplace_back();
      words.back() += c;
    } else if (c == '^' || is_digit(c)) {
      // cm^2, cm2; another number is no part of a unit.
      const bool power = i > 0 && (phrase[i - 1] == '^' || open);
      if (is_digit(c)) words.emplace_back(power ? 2 : 1, power ? '^' : '#');
      if (is_digit(c) && power) words.back()[1] = c;
    } else if (c == '/') {
      words.emplace_back("/");
    } else if (c != ' ' && c != '~' && c != '{' && c != '}' && c != '\\' && c != ',' && c != '-' &&
               c != '.' && c != '(' && c != ')') {
      words.emplace_back(1, c);
    }
    open = part;
  }
  return words;
}

/// The canonical spelling of a unit of several words; empty if a word is unknown.
std::string compound_unit(const std::vector<std::string>& words) {
  std::string result;
  std::string power;
  bool base = false;
  for (const std::string& word : words) {
    const std::string small = lower(word);
    if (small == "square" || small == "sq" || small == "cubic" || small == "cu") {
      power = small[0] == 's' ? "^2" : "^3";
    } else if (small == "squared" || small == "cubed" || word[0] == '^') {
      if (!base || word == "^1") return {};
      result += word[0] == '^' ? word : small == "squared" ? "^2" : "^3";
    } else if (small == "per" || word == "/" || small == "an") {
      if (!base) return {};
      if (!result.ends_with('/')) result += '/';
      base = false;
    } else {
      const auto unit = unit_of(word, true);
      if (unit.empty() || base) return {};
      (result += unit) += power;
      power.clear();
      base = true;
    }
  }
  return base ? result : std::string();
}

}  // namespace

std::string_view currency_of(std::string_view word) {
  if (word == "pounds") return {};  // they also weigh
  return find(kCurrencies, word);
}

bool is_unit_word(std::string_view word) {
  if (word == "square" || word == "cubic" || word == "sq" || word == "per") return true;
  if (!currency_of(word).empty()) return true;
  return !unit_of(word, false).empty() || contains(kCounted, word);
}

bool is_unit_letter(std::string_view letter) { return !find(kLetters, letter).empty(); }

int multiplier_of(std::string_view word) {
  constexpr std::pair<std::string_view, int> kPowers[] = {
      {"hundred", 2}, {"thousand", 3}, {"million", 6}, {"billion", 9}, {"trillion", 12}};
  for (const auto& [name, power] : kPowers) {
    if (name == word) return power;
  }
  return 0;
}

Phrase read_unit(std::string_view phrase, Marks& marks) {
  const std::vector<std::string> words = words_of(phrase);
  if (words.empty()) return Phrase::counted;
  if (words.size() == 1) {
    const std::string small = lower(words[0]);
    if (const auto money = find(kCurrencies, words[0]); !money.empty() && words[0] != "pounds") {
      marks.currency = money;
      return Phrase::known;
    }
    if (const auto money = find(kCurrencies, small); !money.empty() && small != "pounds") {
      marks.currency = money;
      return Phrase::known;
    }
    if (small == "percent" || words[0] == "%") return marks.percent = true, Phrase::known;
    if (small == "degrees" || small == "degree") return marks.degrees = true, Phrase::known;
  }
  const std::string unit = compound_unit(words);
  if (!unit.empty()) {
    marks.unit = unit;
    return Phrase::known;
  }
  std::string last;
  for (const std::string& word : words) {
    const std::string small = lower(word);
    const bool letters = is_letter(word[0]) || static_cast<unsigned char>(word[0]) >= 0x80;
    if (is_changer(small) && !(small == "times" && words.size() == 1)) return Phrase::other;
    // The digit of R3 is a remainder, not a power.
    if (word[0] == '^' && last != "unit" && last != "units") return Phrase::other;
    if (!letters && word[0] != '/' && word[0] != '^') return Phrase::other;
    last = small;
  }
  return Phrase::counted;
}

}  // namespace reckon::rewards::math
