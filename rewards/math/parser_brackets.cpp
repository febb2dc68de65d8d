// Everything in brackets: tuples, intervals, sets, bars, vectors, matrices.
#include "rewards/math/characters.h"
#include "rewards/math/parser.h"

namespace reckon::rewards::math {

/// Items between brackets; behind the first comma a [ may close an interval.
std::vector<Parser::Node> Parser::bracketed_items(Context context) {
  context.in_bar = context.in_interval = context.in_angle = context.in_set = false;
  const Level level(*this, context);
  std::vector<Node> result;
  if (failed()) return result;
  do {
    result.push_back(item());
    context_.in_interval = true;
    if (result.size() > Guards::kItems) fail(Reason::guard);
  } while (!failed() && accept_separator());
  return result;
}

Parser::Node Parser::parentheses() {
  expect(K::left_paren);
  std::vector<Node> items = bracketed_items(context_);
  const K closing = peek().kind;
  ++at_;
  return close_items(std::move(items), K::left_paren, closing);
}

/// [a, b] and its kin, ]a, b[ with them; [[a, b], [c, d]] is a matrix.
Parser::Node Parser::brackets(bool, K opening) {
  ++at_;
  const bool rows = opening == K::left_bracket && is(K::left_bracket);
  std::vector<Node> items = bracketed_items(context_);
  const K closing = peek().kind;
  ++at_;
  if (rows && closing == K::right_bracket && !failed()) return array_rows(items);
  return close_items(std::move(items), opening, closing);
}

Parser::Node Parser::close_items(std::vector<Node> items, K opening, K closing) {
  if (failed()) return kNone;
  const bool right_open = closing == K::right_paren || closing == K::left_bracket;
  const bool right_closed = closing == K::right_bracket;
  if (!right_open && !right_closed) return fail();
  const bool round = opening == K::left_paren && closing == K::right_paren;
  const bool square = opening == K::left_bracket && closing == K::right_bracket;
  if (items.size() == 1) {
    if (!round && !square) return fail();
    if (tree_.at(items[0]).op != Op::matrix) tree_.nodes[items[0]].parenthesised = true;
    return items[0];
  }
  if (items.size() > 2) return round || square ? make(Op::tuple, items) : fail();
  if (round && !is_infinite(items[0]) && !is_infinite(items[1])) return make(Op::tuple, items);
  const auto ends =
      static_cast<uint8_t>((opening == K::left_bracket ? 1 : 0) | (right_closed ? 2 : 0));
  return make(Op::interval, items, ends);
}

Parser::Node Parser::array_rows(const std::vector<Node>& rows) {
  std::vector<Node> cells;
  size_t width = 0;
  for (const Node row : rows) {
    const auto& at = tree_.at(row);
    const bool several = (at.op == Op::interval && at.detail == 3) || at.op == Op::tuple;
    const auto kids = tree_.children_of(row);
    if (several) {
      cells.insert(cells.end(), kids.begin(), kids.end());
    } else {
      cells.push_back(row);
    }
    const size_t size = several ? kids.size() : 1;
    if (width != 0 && width != size) return fail();
    width = size;
  }
  if (cells.size() > Guards::kItems) return fail(Reason::guard);
  return make(Op::matrix, cells, static_cast<uint8_t>(rows.size()));
}

Parser::Node Parser::set_braces() {
  expect(K::left_set);
  if (accept(K::right_set)) return make(Op::set, {});
  Context context = context_;
  context.in_bar = context.in_interval = context.in_angle = false;
  context.in_set = true;
  const Level level(*this, context);
  if (failed()) return kNone;
  const std::vector<Node> parts = items();
  const bool condition_follows = is(K::bar) || is(K::colon);
  if (condition_follows && parts.size() == 1) {
    ++at_;
    context_.in_set = false;
    std::vector<Node> all = items();
    all.insert(all.begin(), parts[0]);
    expect(K::right_set);
    return named(Op::opaque, "setbuilder", all);
  }
  expect(K::right_set);
  return make(Op::set, parts);
}

/// |a|, \left|a\right|; around a matrix it is the determinant.
Parser::Node Parser::bars() {
  const bool plain = is(K::bar);
  ++at_;
  Context context = inner();
  context.in_bar = plain;
  const Node value = nested(context);
  if (!accept(K::bar)) expect(K::right_bar);
  if (failed()) return kNone;
  if (tree_.at(value).op == Op::matrix) {
    tree_.nodes[value].op = Op::determinant;
    return value;
  }
  return make(Op::func, {value}, static_cast<uint8_t>(Function::abs));
}

Parser::Node Parser::between(K closing, Function function) {
  ++at_;
  const Node value = nested(inner());
  expect(closing);
  return make(Op::func, {value}, static_cast<uint8_t>(function));
}

/// \langle a, b \rangle, and <a, b>.
Parser::Node Parser::angle() {
  const bool plain = is(K::relation);
  if (plain && peek().detail != static_cast<uint8_t>(Relation::less)) return fail();
  ++at_;
  Context context = context_;
  context.in_bar = context.in_interval = context.in_set = false;
  context.in_angle = plain;
  const Level level(*this, context);
  if (failed()) return kNone;
  const std::vector<Node> parts = items();
  if (plain && (!is(K::relation) || peek().detail != static_cast<uint8_t>(Relation::greater))) {
    return fail();
  }
  expect(plain ? K::relation : K::right_angle);
  return parts.size() < 2 ? fail() : make(Op::tuple, parts);
}

Parser::Node Parser::environment() {
  const std::string_view name = peek().text;
  ++at_;
  const Level level(*this, inner());
  if (failed()) return kNone;
  const bool is_cases = name == "cases" || name == "dcases" || name == "rcases";
  const Node result = is_cases ? cases_cells() : matrix_cells(name);
  if (failed() || !is(K::finish) || peek().text != name) return fail();
  ++at_;
  return result;
}

Parser::Node Parser::matrix_cells(std::string_view name) {
  constexpr std::string_view kMatrices[] = {"matrix",       "pmatrix",     "bmatrix",     "Bmatrix",
                                            "vmatrix",      "Vmatrix",     "smallmatrix", "array",
                                            "psmallmatrix", "bsmallmatrix"};
  if (std::find(std::begin(kMatrices), std::end(kMatrices), name) == std::end(kMatrices)) {
    return fail();
  }
  std::vector<Node> cells;
  size_t rows = 0;
  size_t width = 0;
  while (!failed() && !is(K::finish)) {
    const size_t before = cells.size();
    do {
      cells.push_back(item());
      if (cells.size() > Guards::kItems) fail(Reason::guard);
    } while (accept(K::cell));
    ++rows;
    if (width == 0) width = cells.size();
    if (!failed() && (cells.size() - before != width || (!accept(K::row) && !is(K::finish)))) {
      fail();
    }
  }
  if (cells.empty()) return fail();
  if (name == "Vmatrix") return named(Op::opaque, "norm", cells);
  const Op op = name == "vmatrix" ? Op::determinant : Op::matrix;
  return make(op, cells, static_cast<uint8_t>(rows));
}

/// The cells of `cases`, one after the other: value, condition, value, condition.
Parser::Node Parser::cases_cells() {
  std::vector<Node> cells;
  while (!failed() && !is(K::finish)) {
    const bool words = is(K::text) || is(K::word);
    if (words && (peek().text == "if" || peek().text == "for" || peek().text == "when")) {
      ++at_;
    } else if (words) {
      cells.push_back(named(Op::text, fold_text(peek().text)));
      ++at_;
    } else if (is(K::cell) || is(K::row) || is(K::comma) || is(K::separator)) {
      ++at_;
    } else {
      cells.push_back(item());
    }
    if (cells.size() > Guards::kItems) fail(Reason::guard);
  }
  return cells.empty() ? fail() : named(Op::opaque, "cases", cells);
}

}  // namespace reckon::rewards::math
