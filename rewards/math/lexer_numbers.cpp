// Numbers: separators of thousands in all their spellings, decimals, exponents, bases.
#include <algorithm>
#include <string>

#include "rewards/math/scanner.h"
#include "rewards/math/scanner_classes.h"

namespace reckon::rewards::math {

size_t Scanner::digits_end(size_t from) const {
  while (from < text_.size() && is_digit(text_[from])) ++from;
  return from;
}

/// Where the next digits begin if what stands at `from` joins two groups of digits: `\,` and `\!`
/// always; `{,}`, `,\!` and a blank before exactly three digits. Else `from`.
size_t Scanner::joint_end(size_t from) const {
  const std::string_view rest = text_.substr(from);
  for (const std::string_view joint :
       {"\\,", "\\!", "{,}", "{\\,}", "{\\!}", ",", " ", "\\ ", "~"}) {
    if (!rest.starts_with(joint)) continue;
    size_t at = from + joint.size();
    bool thin = joint == "\\!" || joint == "\\," || joint[0] == '{';
    if (joint == "," || joint == " ") {
      while (at < text_.size() && text_[at] == ' ') ++at;
      if (joint == "," && !text_.substr(at).starts_with("\\!")) return from;
      if (joint == ",") at += 2;
    }
    while (thin || joint == ",") {
      const std::string_view more = text_.substr(at);
      if (more.starts_with("\\!") || more.starts_with("\\,")) {
        at += 2;
      } else if (more.starts_with(" ")) {
        ++at;
      } else {
        break;
      }
    }
    const size_t end = digits_end(at);
    const bool three = end - at == 3 && (joint[0] != ' ' || at - from == 1);
    const bool free = joint == "\\!" || joint == "\\,";
    return three || (free && end > at) ? at : from;
  }
  return from;
}

/// Whether the comma there stands in 1,234 as a separator of thousands can, seen from the digits
/// before it, which begin at `at_`.
bool Scanner::separates_thousands(size_t comma) const {
  if (comma - at_ > 3 || text_[at_] == '0') return false;
  const bool after_comma = at_ > 0 && text_[at_ - 1] == ',';
  if (after_comma && at_ > 1 && is_digit(text_[at_ - 2])) return false;
  size_t end = comma;
  bool zeros = false;
  while (end < text_.size() && text_[end] == ',') {
    const size_t stop = digits_end(end + 1);
    if (stop - end != 4) return false;
    zeros |= text_[end + 1] == '0';
    end = stop;
  }
  // (1,234) is a pair. Groups that begin with 0 are nothing but thousands.
  const bool money = !tokens_.list.empty() && tokens_.list.back().kind == TokenKind::currency;
  const bool closed = end < text_.size() && (text_[end] == ')' || text_[end] == ']');
  const bool opened = at_ > 0 && (text_[at_ - 1] == '(' || text_[at_ - 1] == '[');
  if (opened && closed && !zeros) return false;
  return commas_ == Commas::thousands || zeros || money;
}

void Scanner::whole_part(std::string& digits) {
  size_t end = digits_end(at_);
  digits = text_.substr(at_, end - at_);
  if (end < text_.size() && text_[end] == ',' && end > at_ && separates_thousands(end)) {
    const bool money = !tokens_.list.empty() && tokens_.list.back().kind == TokenKind::currency;
    tokens_.thousands |= text_[end + 1] != '0' && !money;
    while (end < text_.size() && text_[end] == ',') {
      digits += text_.substr(end + 1, 3);
      end += 4;
    }
    at_ = end;
    return;
  }
  const bool short_group = end - at_ <= 3;
  at_ = end;
  while (more()) {
    const size_t next = joint_end(at_);
    if (next == at_ || (!short_group && text_[at_] != '\\')) break;
    end = digits_end(next);
    digits += text_.substr(next, end - next);
    at_ = end;
  }
}

void Scanner::exponent_part(Number& number) {
  const bool large = peek() == 'E';
  if (peek() != 'e' && !large) return;
  const bool is_signed = peek(1) == '-' || peek(1) == '+';
  const size_t first = at_ + (is_signed ? 2 : 1);
  const size_t end = digits_end(first);
  // 2e-3 may be twice e less 3; 1.5e-3 and 1e-3 are not.
  if (is_signed && !large && !number.decimal && number.digits != "1") return;
  if (end == first) return;
  if (end - first > 4) return refuse(Reason::guard);
  int value = 0;
  for (size_t i = first; i < end; ++i) value = value * 10 + (text_[i] - '0');
  if (value > static_cast<int>(Guards::kDigits)) return refuse(Reason::guard);
  number.exponent += peek(1) == '-' ? -value : value;
  at_ = end;
}

void Scanner::number() {
  const size_t from = at_;
  Number number;
  whole_part(number.digits);
  const bool decimal_comma = commas_ == Commas::decimal && (peek() == ',' || starts_with("{,}")) &&
                             is_digit(peek(peek() == ',' ? 1 : 3));
  const bool point = peek() == '.' && !starts_with("..") && (!is_letter(peek(1)) || at_ == from);
  if (point || decimal_comma) {
    at_ += peek() == '{' ? 3 : 1;
    number.decimal = true;
    std::string places(text_.substr(at_, digits_end(at_) - at_));
    at_ += places.size();
    for (size_t next = joint_end(at_); next != at_ && text_[at_] == '\\'; next = joint_end(at_)) {
      places += text_.substr(next, digits_end(next) - next);
      at_ = digits_end(next);
    }
    number.decimals_shown = static_cast<int32_t>(places.size());
    number.exponent = -number.decimals_shown;
    number.digits += places;
    if (places.empty()) number.decimal = false;
  }
  // 152A_{11}: letters are digits where a base follows.
  size_t end = at_;
  while (end < text_.size() && (is_digit(text_[end]) || is_upper(text_[end]))) ++end;
  if (!number.decimal && end > at_ && end < text_.size() && text_[end] == '_') {
    number.digits += text_.substr(at_, end - at_);
    at_ = end;
  }
  exponent_part(number);
  if (number.digits.size() > Guards::kDigits) return refuse(Reason::guard);
  number.digits.erase(0, std::min(number.digits.find_first_not_of('0'), number.digits.size()));
  if (number.digits.empty()) number.digits.assign(1, '0');
  tokens_.numbers.push_back(std::move(number));
  push({.kind = TokenKind::number,
        .text = text_.substr(from, at_ - from),
        .number = static_cast<uint32_t>(tokens_.numbers.size() - 1)},
       from);
}

}  // namespace reckon::rewards::math
