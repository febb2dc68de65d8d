#include "rewards/math/read.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "rewards/math/characters.h"
#include "rewards/math/cleanup.h"
#include "rewards/math/lexer.h"
#include "rewards/math/parser.h"
#include "rewards/math/scanner_classes.h"
#include "rewards/math/vocabulary.h"

namespace reckon::rewards::math {

namespace {

/// The place of a choice letter that is all of `text`: C, (C), \text{C}, \textbf{(C)}, C., {C}.
std::optional<uint8_t> choice_of(std::string_view text) {
  for (int round = 0; round < 8; ++round) {
    text = trim_blanks(text);
    for (const std::string_view word : {"Option ", "option ", "Choice ", "choice "}) {
      if (text.starts_with(word)) text = trim_blanks(text.substr(word.size()));
    }
    if (text.size() == 1 && text[0] >= 'A' && text[0] <= 'J') {
      return static_cast<uint8_t>(text[0] - 'A');
    }
    const bool wrapped = (text.starts_with('(') && text.ends_with(')')) ||
                         (text.starts_with('{') && text.ends_with('}'));
    if (const auto content = whole_text_argument(text); !content.empty()) {
      text = content;
    } else if (wrapped) {
      text = text.substr(1, text.size() - 2);
    } else if (text.size() == 2 && (text[1] == '.' || text[1] == ')' || text[1] == ':')) {
      text.remove_suffix(1);
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

/// What some folded phrases mean. Nothing if `folded` is a text like any other.
std::optional<Reading> phrase_meaning(std::string_view folded) {
  constexpr std::string_view kNothing[] = {
      "nosolution",  "nosolutions",        "norealsolution", "norealsolutions", "none",
      "theemptyset", "emptyset",           "empty",          "nosuchvalue",     "nosuchvalues",
      "norealroots", "nointegersolutions", "nosuchnumber",   "nosuchintegers",  "nosuchinteger"};
  constexpr std::string_view kUndefined[] = {"undefined",
                                             "dne",
                                             "doesnotexist",
                                             "notdefined",
                                             "thelimitdoesnotexist",
                                             "isundefined",
                                             "limitdoesnotexist"};
  constexpr std::string_view kReals[] = {"allrealnumbers",      "allreals",
                                         "realnumbers",         "thesetofallrealnumbers",
                                         "thesetofrealnumbers", "anyrealnumber"};
  Reading reading;
  const auto is = [&](const auto& list) {
    return std::find(std::begin(list), std::end(list), folded) != std::end(list);
  };
  if (is(kNothing)) {
    reading.tree.root = reading.tree.add(Op::set);
  } else if (is(kUndefined)) {
    reading.tree.root = reading.tree.add_name(Op::text, "undefined");
  } else if (is(kReals)) {
    reading.tree.root = reading.tree.add(Op::named_set, {}, static_cast<uint8_t>(NamedSet::reals));
  } else {
    return std::nullopt;
  }
  return reading;
}

/// The words of `text` without the marks of LaTeX, folded.
std::string folded_words(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      size_t end = i + 1;
      while (end < text.size() && is_letter(text[end])) ++end;
      const auto meaning = find_command(text.substr(i + 1, end - i - 1));
      // \text and the like leave no trace; other commands keep their name.
      if (end == i + 1 || (meaning && meaning->treatment != Treatment::token)) {
        plain += ' ';
        // Never into a character of several bytes.
        const bool sign =
            end == i + 1 && end < text.size() && static_cast<unsigned char>(text[end]) < 0x80;
        i = sign ? end : end - 1;
      }
      continue;
    }
    if (std::string_view("{}$^_~`\"").find(text[i]) == std::string_view::npos) plain += text[i];
  }
  return fold_text(plain);
}

/// Text, if the tokens hold words; a letter and digits in a base are no text.
std::optional<Reading> read_text(std::string_view text) {
  std::string folded = folded_words(text);
  // Folding may give characters that `as_latex` maps: fold again, so that one text is one text.
  for (int round = 0; round < 4; ++round) {
    const auto latex = as_latex(folded);
    if (!latex) return std::nullopt;
    std::string again = folded_words(*latex);
    if (again == folded) break;
    folded = std::move(again);
  }
  if (folded.empty()) return std::nullopt;
  if (auto meaning = phrase_meaning(folded)) return meaning;
  Reading reading;
  reading.tree.root = reading.tree.add_name(Op::text, folded);
  return reading;
}

/// Digits that begin with a letter, in a base: A5_{11}, \text{A5}_{11}.
std::optional<std::string> lettered_number(std::string_view text) {
  const size_t mark = text.rfind('_');
  if (mark == text.npos || mark == 0) return std::nullopt;
  std::string_view digits = trim_blanks(text.substr(0, mark));
  if (const auto content = whole_text_argument(digits); !content.empty()) digits = content;
  bool digit = false;
  for (const char c : digits) {
    if (!is_digit(c) && !is_upper(c)) return std::nullopt;
    digit |= is_digit(c);
  }
  if (!digit || digits.empty() || is_digit(digits[0])) return std::nullopt;
  // A leading zero makes it a number for the scanner, and changes nothing.
  return std::string(1, '0').append(digits).append(text.substr(mark));
}

/// Reads with one meaning of commas; adds to `result`, or notes the failure.
void read_with(std::string_view text, Commas commas, bool worded, ReadResult& result,
               Tokens& tokens) {
  tokens = scan(text, commas, worded);
  if (!tokens.ok) {
    result.failure = tokens.failure;
    return;
  }
  Parser parser(tokens);
  if (parser.run()) {
    result.readings.push_back(parser.take());
  } else {
    result.failure = parser.failure();
  }
}

bool single_word(std::string_view text) {
  return text == "no" || text == "No" || text == "NO" || text == "Yes" || text == "yes";
}

ReadResult read_clean(std::string_view text, bool worded, const ReadOptions& options) {
  ReadResult result;
  if (const auto choice = choice_of(text)) {
    Reading reading;
    reading.tree.root = reading.tree.add(Op::choice, {}, *choice);
    result.readings.push_back(std::move(reading));
    return result;
  }
  const bool sentence = text.find_first_of("=<>") == text.npos && text.find("\\{") == text.npos;
  if (sentence) {
    const std::string folded = folded_words(text);
    if (auto meaning = phrase_meaning(folded)) {
      result.readings.push_back(std::move(*meaning));
      return result;
    }
  }
  const auto lettered = lettered_number(text);
  if (lettered) text = *lettered;
  Tokens tokens;
  if (!single_word(text)) read_with(text, Commas::thousands, worded, result, tokens);
  const bool words = tokens.words || text.find('"') != text.npos || single_word(text);
  if (tokens.thousands || options.decimal_comma) {
    const Commas other = tokens.thousands ? Commas::list : Commas::decimal;
    const Reason failure = result.failure;
    Tokens again;
    read_with(text, other, worded, result, again);
    result.failure = failure;
    if (other == Commas::decimal && result.readings.size() == 2 &&
        to_latex(result.readings[0]) == to_latex(result.readings[1])) {
      result.readings.pop_back();
    }
  }
  if (!result.ok() && result.failure == Reason::unreadable && words &&
      (tokens.ok || single_word(text))) {
    if (auto reading = read_text(text)) result.readings.push_back(std::move(*reading));
  }
  return result;
}

}  // namespace

ReadResult read_answer(std::string_view text, const ReadOptions& options) {
  ReadResult result;
  if (text.size() > Guards::kBytes) {
    result.failure = Reason::guard;
    return result;
  }
  const auto latex = as_latex(text);
  if (!latex) return result;
  std::string_view clean = clean_answer(without_quotes(clean_answer(*latex)));
  bool worded = false;
  // \text{...} around all of it says nothing.
  for (int round = 0; round < 4; ++round) {
    const std::string_view content = whole_text_argument(clean);
    if (content.empty()) break;
    worded = true;
    clean = clean_answer(content);
  }
  if (clean.empty()) {
    result.failure = Reason::no_answer;
    return result;
  }
  return read_clean(clean, worded, options);
}

}  // namespace reckon::rewards::math
