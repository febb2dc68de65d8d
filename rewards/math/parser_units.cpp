// Units and other words behind a value.
#include "rewards/math/parser.h"
#include "rewards/math/units.h"

namespace reckon::rewards::math {

bool Parser::at_item_end(size_t ahead) const {
  switch (peek(ahead).kind) {
    case K::end:
    case K::comma:
    case K::separator:
    case K::row:
    case K::cell:
    case K::finish:
    case K::right_paren:
    case K::right_bracket:
    case K::right_brace:
    case K::right_set:
    case K::right_angle:
    case K::relation:
    case K::member:
    case K::set_union:
    case K::set_intersection:
    case K::set_difference:
    case K::arrow:
      return true;
    default:
      return false;
  }
}

/// Whether words stand here that no product continues with.
bool Parser::at_unit() const {
  if (is(K::text) && peek().text.size() == 1) {
    return context_.units && is_unit_letter(peek().text) &&
           (at_item_end(1) || is(K::currency, 1) || is(K::caret, 1) || is(K::slash, 1));
  }
  if (is(K::text)) return true;
  if (is(K::function)) {
    return context_.units && (peek().text == "min" || peek().text == "sec") && at_item_end(1);
  }
  return is(K::word) && context_.units && is_unit_word(peek().text);
}

/// The words up to the end of the item, moved past; empty if something else stands there.
std::string Parser::unit_phrase() {
  std::string phrase;
  bool divided = false;
  while (!failed() && !at_item_end(0) && !is(K::currency)) {
    const Token& token = peek();
    const bool word = is(K::text) || (is(K::word) && is_unit_word(token.text)) || is(K::function) ||
                      (divided && (is(K::letter) || is(K::word)));
    if (word) {
      if (!phrase.empty()) phrase += ' ';
      phrase += token.text;
      divided = token.text == "per";
      ++at_;
    } else if (accept(K::slash)) {
      phrase += '/';
      divided = true;
    } else if (is(K::caret)) {
      ++at_;
      const bool braced = accept(K::left_brace);
      if (!whole_number_at(0)) return {};
      (phrase += '^') += peek().text;
      ++at_;
      if (braced && !accept(K::right_brace)) return {};
    } else {
      return {};
    }
  }
  return phrase;
}

bool Parser::note_unit(std::string_view phrase, Node value) {
  Marks marks;
  const Phrase kind = read_unit(phrase, marks);
  if (kind == Phrase::other || (kind == Phrase::counted && !is_numeric(value))) return false;
  marks_.percent |= marks.percent;
  marks_.degrees |= marks.degrees;
  if (!marks.currency.empty()) marks_.currency = marks.currency;
  if (marks_.unit.empty()) {
    marks_.unit = marks.unit;
  } else if (!marks.unit.empty() && marks.unit != marks_.unit) {
    marks_.unit += "," + marks.unit;
  }
  return true;
}

/// Moves past a unit behind `value` and notes it. Else it stays, and the text is no mathematics.
Parser::Node Parser::unit_suffix(Node value) {
  if (failed()) return kNone;
  if (accept(K::currency)) {
    marks_.currency = tokens_.list[at_ - 1].text;
    return value;
  }
  if (!at_unit()) return value;
  const size_t start = at_;
  const std::string phrase = unit_phrase();
  if (phrase.empty() || !note_unit(phrase, value)) {
    at_ = start;
  } else if (accept(K::currency)) {
    marks_.currency = tokens_.list[at_ - 1].text;
  }
  return value;
}

}  // namespace reckon::rewards::math
