// The loose levels of the grammar: lists, relations, sets, ratios.
#include "rewards/math/parser.h"

#include <algorithm>

namespace reckon::rewards::math {

bool Parser::run() {
  const Node root = list();
  if (!failed() && !is(K::end)) fail();
  if (failed()) return false;
  tree_.root = root;
  return true;
}

bool Parser::accept(K kind) {
  if (failed() || !is(kind)) return false;
  ++at_;
  return true;
}

bool Parser::expect(K kind) {
  if (accept(kind)) return true;
  fail();
  return false;
}

const Number* Parser::number_at(size_t ahead) const {
  return is(K::number, ahead) ? &tokens_.numbers[peek(ahead).number] : nullptr;
}

bool Parser::whole_number_at(size_t ahead) const {
  const Number* value = number_at(ahead);
  return value != nullptr && !value->decimal && value->exponent == 0;
}

Parser::Node Parser::fail(Reason reason) {
  if (!failed_) failure_ = reason;
  failed_ = true;
  return kNone;
}

bool Parser::is_infinite(Node node) const {
  if (node == kNone) return false;
  const auto* at = &tree_.at(node);
  if ((at->op == Op::neg || at->op == Op::plus_minus) && at->count == 1) {
    at = &tree_.at(tree_.children_of(node)[0]);
  }
  return at->op == Op::constant && at->detail == static_cast<uint8_t>(Constant::infinity);
}

bool Parser::is_numeric(Node node) const {
  // Children stand before their parents, and `node` is the last one made.
  return std::none_of(tree_.nodes.begin(), tree_.nodes.begin() + node + 1, [](const auto& at) {
    return at.op == Op::symbol || at.op == Op::call || at.op == Op::opaque;
  });
}

/// Arithmetic with infinity is refused (rule 41).
bool Parser::finite(Op op, const std::vector<Node>& kids) const {
  switch (op) {
    case Op::add:
    case Op::mul:
    case Op::div:
    case Op::pow:
    case Op::root:
    case Op::func:
    case Op::factorial:
    case Op::binom:
    case Op::mod:
      return std::none_of(kids.begin(), kids.end(), [&](Node kid) { return is_infinite(kid); });
    default:
      return true;
  }
}

Parser::Node Parser::make(Op op, const std::vector<Node>& kids, uint8_t detail) {
  if (failed()) return kNone;
  if (tree_.nodes.size() >= Guards::kNodes) return fail(Reason::guard);
  if (!finite(op, kids)) return fail();
  return tree_.add(op, kids, detail);
}

Parser::Node Parser::make(Op op, std::initializer_list<Node> kids, uint8_t detail) {
  return make(op, std::vector<Node>(kids), detail);
}

Parser::Node Parser::number(Number value) {
  if (failed()) return kNone;
  if (tree_.nodes.size() >= Guards::kNodes) return fail(Reason::guard);
  return tree_.add_number(std::move(value));
}

Parser::Node Parser::whole(int value) { return number({.digits = std::to_string(value)}); }

Parser::Node Parser::named(Op op, std::string_view name, const std::vector<Node>& kids) {
  if (failed()) return kNone;
  if (tree_.nodes.size() >= Guards::kNodes) return fail(Reason::guard);
  tree_.names.emplace_back(name);
  return tree_.add(op, kids, 0, static_cast<uint32_t>(tree_.names.size() - 1));
}

/// An expression inside brackets or an argument.
Parser::Node Parser::nested(Context context) {
  const Level level(*this, context);
  return item();
}

bool Parser::accept_separator() {
  bool found = false;
  while (is(K::comma) || is(K::separator) || (is(K::row) && depth_ == 0)) {
    ++at_;
    found = true;
  }
  return found;
}

std::vector<Parser::Node> Parser::items() {
  std::vector<Node> result;
  do {
    result.push_back(item());
    if (result.size() > Guards::kItems) fail(Reason::guard);
  } while (!failed() && accept_separator());
  return result;
}

Parser::Node Parser::list() {
  const auto parts = items();
  return parts.size() == 1 ? parts[0] : make(Op::list, parts);
}

Parser::Node Parser::item() { return relation(); }

Parser::Node Parser::relation() {
  std::vector<Node> sides{sets()};
  std::vector<uint8_t> relations;
  while (is(K::relation) && !failed()) {
    if (context_.in_angle && peek().detail == static_cast<uint8_t>(Relation::greater)) break;
    relations.push_back(peek().detail);
    ++at_;
    sides.push_back(sets());
    if (sides.size() > Guards::kItems) fail(Reason::guard);
  }
  if (failed()) return kNone;
  if (relations.empty() && accept(K::member)) {
    const Node set = set_operand(sets());
    return make(Op::membership, {sides[0], set});
  }
  if (relations.empty() && accept(K::equivalent)) {
    const Node right = sum_level();
    if (failed()) return kNone;
    // x ≡ 3 (mod 5): the modulus is on the right side, as `remainder_of` left it.
    return named(Op::opaque, "equiv", {sides[0], right});
  }
  return chain(sides, relations);
}

Parser::Node Parser::chain(const std::vector<Node>& sides, const std::vector<uint8_t>& relations) {
  if (relations.empty()) return sides[0];
  constexpr auto kEqual = static_cast<uint8_t>(Relation::equal);
  const bool equalities = std::all_of(relations.begin(), relations.end(),
                                      [&](uint8_t relation) { return relation == kEqual; });
  // x = 2 + 3 = 5 says x = 5 (rule 15).
  if (equalities) return make(Op::relation, {sides.front(), sides.back()}, kEqual);
  std::vector<Node> links;
  for (size_t i = 0; i < relations.size(); ++i) {
    links.push_back(make(Op::relation, {sides[i], sides[i + 1]}, relations[i]));
  }
  return links.size() == 1 ? links[0] : make(Op::chain, links);
}

/// A pair in a union or behind ∈ is an open interval.
Parser::Node Parser::set_operand(Node node) {
  if (node == kNone) return kNone;
  auto& at = tree_.nodes[node];
  if (at.op == Op::tuple && at.count == 2) at.op = Op::interval;
  return node;
}

Parser::Node Parser::sets() {
  Node left = intersections();
  const auto at_union = [&] { return is(K::set_union) || ends_product(); };
  while (!failed() && (at_union() || is(K::set_difference))) {
    const bool joins = at_union();
    std::vector<Node> parts{set_operand(left)};
    do {
      ++at_;
      parts.push_back(set_operand(intersections()));
      if (parts.size() > Guards::kItems) fail(Reason::guard);
    } while (joins && at_union() && !failed());
    left = make(joins ? Op::set_union : Op::set_difference, parts);
  }
  return left;
}

Parser::Node Parser::intersections() {
  std::vector<Node> parts{ratio()};
  while (accept(K::set_intersection)) {
    set_operand(parts.back());
    parts.push_back(set_operand(ratio()));
    if (parts.size() > Guards::kItems) fail(Reason::guard);
  }
  return parts.size() == 1 ? parts[0] : make(Op::set_intersection, parts);
}

Parser::Node Parser::ratio() {
  std::vector<Node> parts{sum_level()};
  while (is(K::colon) && !context_.in_set && !failed()) {
    ++at_;
    parts.push_back(sum_level());
    if (parts.size() > Guards::kItems) fail(Reason::guard);
  }
  return parts.size() == 1 ? parts[0] : make(Op::ratio, parts);
}

}  // namespace reckon::rewards::math
