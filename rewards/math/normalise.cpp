#include "rewards/math/normalise.h"

#include <algorithm>
#include <utility>

#include "rewards/math/rational_value.h"

namespace reckon::rewards::math {
namespace {

/// Marks of keys that are no operators of trees.
constexpr uint64_t kRationalKey = 1000;
constexpr uint64_t kLongNumberKey = 1001;

uint64_t word_of(Op op, uint8_t detail) { return static_cast<uint64_t>(op) * 256 + detail; }

/// Whether the order of the children does not matter.
bool is_unordered(Op op) {
  return op == Op::list || op == Op::set || op == Op::set_union || op == Op::set_intersection ||
         op == Op::add || op == Op::mul;
}

}  // namespace

uint32_t NormalForms::form_of(Key key) {
  return forms_.try_emplace(std::move(key), static_cast<uint32_t>(forms_.size())).first->second;
}

uint32_t NormalForms::word(std::string_view text) {
  const auto it = words_.find(text);
  if (it != words_.end()) return it->second;
  const auto number = static_cast<uint32_t>(words_.size());
  words_.emplace(std::string(text), number);
  return number;
}

uint32_t NormalForms::rational_form(const Rational& value) {
  const uint32_t form = form_of({kRationalKey, static_cast<uint64_t>(value.numerator()),
                                 static_cast<uint64_t>(value.denominator())});
  values_.emplace(form, value);
  return form;
}

std::optional<Rational> NormalForms::value(uint32_t form) const {
  const auto it = values_.find(form);
  return it == values_.end() ? std::nullopt : std::optional(it->second);
}

std::vector<uint32_t> NormalForms::add(const Tree& tree, bool j_is_unit) {
  std::vector<uint32_t> forms(tree.nodes.size());
  for (uint32_t node = 0; node < tree.nodes.size(); ++node) {
    forms[node] = node_form(tree, node, j_is_unit, forms);
  }
  return forms;
}

/// A sorted sum or product under its constant.
uint32_t NormalForms::collect(bool is_product, Parts parts) {
  const Rational neutral(is_product ? 1 : 0);
  if (is_product && parts.constant == Rational(0)) return rational_form(Rational(0));
  if (parts.forms.empty()) return rational_form(parts.constant);
  if (parts.forms.size() == 1 && parts.constant == neutral) return parts.forms[0];
  std::sort(parts.forms.begin(), parts.forms.end());
  Key key{word_of(is_product ? Op::mul : Op::add, 0),
          static_cast<uint64_t>(parts.constant.numerator()),
          static_cast<uint64_t>(parts.constant.denominator())};
  key.insert(key.end(), parts.forms.begin(), parts.forms.end());
  const uint32_t form = form_of(std::move(key));
  (is_product ? products_ : sums_).emplace(form, std::move(parts));
  return form;
}

std::optional<uint32_t> NormalForms::sum(const std::vector<uint32_t>& terms) {
  Parts parts{Rational(0), {}};
  for (const uint32_t term : terms) {
    std::optional<Rational> constant = value(term);
    const auto inner = sums_.find(term);
    if (inner != sums_.end()) {
      constant = inner->second.constant;
      parts.forms.insert(parts.forms.end(), inner->second.forms.begin(), inner->second.forms.end());
    } else if (!constant) {
      parts.forms.push_back(term);
      continue;
    }
    const std::optional<Rational> total = Rational::add(parts.constant, *constant);
    if (!total) return std::nullopt;
    parts.constant = *total;
  }
  return collect(false, std::move(parts));
}

std::optional<uint32_t> NormalForms::product(const std::vector<uint32_t>& factors) {
  Parts parts{Rational(1), {}};
  for (const uint32_t factor : factors) {
    std::optional<Rational> constant = value(factor);
    const auto inner = products_.find(factor);
    if (inner != products_.end()) {
      constant = inner->second.constant;
      parts.forms.insert(parts.forms.end(), inner->second.forms.begin(), inner->second.forms.end());
    } else if (!constant) {
      parts.forms.push_back(factor);
      continue;
    }
    const std::optional<Rational> total = Rational::multiply(parts.constant, *constant);
    if (!total) return std::nullopt;
    parts.constant = *total;
  }
  return collect(true, std::move(parts));
}

std::optional<uint32_t> NormalForms::power(uint32_t base, uint32_t exponent) {
  const std::optional<Rational> e = value(exponent);
  if (e && *e == Rational(1)) return base;
  if (const std::optional<Rational> b = value(base); b && e && *e == Rational(-1)) {
    if (b->numerator() == 0) return std::nullopt;
    const std::optional<Rational> inverse = Rational::divide(Rational(1), *b);
    if (inverse) return rational_form(*inverse);
  }
  return form_of({word_of(Op::pow, 0), base, exponent});
}

std::optional<uint32_t> NormalForms::arithmetic(const Tree& tree, uint32_t node,
                                                const std::vector<uint32_t>& forms) {
  std::vector<uint32_t> kids;
  for (const uint32_t child : tree.children_of(node)) kids.push_back(forms[child]);
  switch (tree.at(node).op) {
    case Op::add:
      return sum(kids);
    case Op::mul:
      return product(kids);
    case Op::neg:
      return product({rational_form(Rational(-1)), kids[0]});
    case Op::div: {
      const std::optional<uint32_t> inverse = power(kids[1], rational_form(Rational(-1)));
      return inverse ? product({kids[0], *inverse}) : std::nullopt;
    }
    case Op::pow:
      return power(kids[0], kids[1]);
    default:
      return std::nullopt;
  }
}

uint32_t NormalForms::node_form(const Tree& tree, uint32_t node, bool j_is_unit,
                                const std::vector<uint32_t>& forms) {
  const Node& n = tree.at(node);
  if (n.op == Op::number) {
    const Number& number = tree.numbers[n.index];
    if (!number.base_shown) {
      if (const std::optional<Rational> small = small_value(number)) return rational_form(*small);
    }
    return form_of({kLongNumberKey, word(number.digits), static_cast<uint64_t>(number.exponent),
                    number.base, number.base_shown ? 1u : 0u});
  }
  if (const std::optional<uint32_t> form = arithmetic(tree, node, forms)) return *form;
  const bool named =
      n.op == Op::symbol || n.op == Op::opaque || n.op == Op::call || n.op == Op::text;
  if (n.op == Op::symbol && j_is_unit && tree.names[n.index] == "j") {
    return form_of({word_of(Op::constant, static_cast<uint8_t>(Constant::i)), 0});
  }
  Key key{word_of(n.op, n.detail), named ? 1 + uint64_t{word(tree.names[n.index])} : 0};
  for (const uint32_t child : tree.children_of(node)) key.push_back(forms[child]);
  if (is_unordered(n.op)) {
    std::sort(key.begin() + 2, key.end());
    if (n.op == Op::set) key.erase(std::unique(key.begin() + 2, key.end()), key.end());
  }
  return form_of(std::move(key));
}

}  // namespace reckon::rewards::math
