#include "rewards/math/shape.h"

#include <algorithm>
#include <array>

#include "rewards/math/rational_value.h"

namespace reckon::rewards::math {
namespace {

/// Whether `test` holds for some node of the term.
template <class Test>
bool any_node(const Term& term, Test test) {
  std::vector<uint32_t> open{term.node};
  while (!open.empty()) {
    const uint32_t node = open.back();
    open.pop_back();
    if (test(term.tree->at(node))) return true;
    for (const uint32_t child : term.tree->children_of(node)) open.push_back(child);
  }
  return false;
}

void collect_names(const Term& term, std::vector<std::string>& bound,
                   std::set<std::string>& names) {
  const Node& n = term.at();
  if (n.op == Op::symbol) {
    const std::string& name = term.tree->names[n.index];
    const bool unit = term.j_is_unit && name == "j";
    if (!unit && std::find(bound.begin(), bound.end(), name) == bound.end()) names.insert(name);
    return;
  }
  if (n.op == Op::call) {
    names.insert(atom_name(term, term.node));
    return;
  }
  const bool binds =
      (n.op == Op::sum || n.op == Op::prod) && n.count == 4 && term.child(0).at().op == Op::symbol;
  for (size_t i = binds ? 1 : 0; i < n.count; ++i) {
    const bool body = binds && i == 3;
    if (body) bound.push_back(term.tree->names[term.child(0).at().index]);
    collect_names(term.child(i), bound, names);
    if (body) bound.pop_back();
  }
}

std::string_view text_of(const Term& term) {
  return term.at().op == Op::text ? std::string_view(term.tree->names[term.at().index])
                                  : std::string_view();
}

template <size_t N>
bool is_among(std::string_view text, const std::array<std::string_view, N>& words) {
  return !text.empty() && std::find(words.begin(), words.end(), text) != words.end();
}

}  // namespace

bool contains(const Term& term, Op op) {
  return any_node(term, [op](const Node& n) { return n.op == op; });
}

bool contains_constant(const Term& term, Constant constant) {
  return any_node(term, [constant](const Node& n) {
    return n.op == Op::constant && n.detail == static_cast<uint8_t>(constant);
  });
}

bool contains_function(const Term& term, Function function) {
  return any_node(term, [function](const Node& n) {
    return n.op == Op::func && n.detail == static_cast<uint8_t>(function);
  });
}

bool contains_symbol(const Term& term, std::string_view name) {
  return any_node(
      term, [&](const Node& n) { return n.op == Op::symbol && term.tree->names[n.index] == name; });
}

std::set<std::string> open_names(const Term& term) {
  std::set<std::string> names;
  std::vector<std::string> bound;
  collect_names(term, bound, names);
  return names;
}

bool is_scalar(const Term& term) {
  const Op op = term.at().op;
  return op <= Op::plus_minus || op == Op::determinant;
}

int infinity_sign(const Term& term) {
  const Node& n = term.at();
  if (n.op == Op::neg) return -infinity_sign(term.child(0));
  return n.op == Op::constant && n.detail == static_cast<uint8_t>(Constant::infinity) ? 1 : 0;
}

std::optional<Literal> literal(const Term& term) {
  Literal result;
  Term inner = term;
  if (inner.at().op == Op::neg) {
    result.negative = true;
    inner = inner.child(0);
  }
  if (inner.at().op != Op::number) return std::nullopt;
  result.number = &term.tree->numbers[inner.at().index];
  return result;
}

bool is_unevaluated(const Term& term) {
  int operators = 0;
  const bool task = any_node(term, [&operators](const Node& n) {
    const bool leaf = n.op == Op::number || n.op == Op::symbol || n.op == Op::constant;
    if (!leaf) ++operators;
    return n.op == Op::add || n.op == Op::mul || n.op == Op::binom || n.op == Op::factorial ||
           n.op == Op::func || n.op == Op::sum || n.op == Op::prod || n.op == Op::mod;
  });
  return task || operators > 3;
}

Unwrapped unwrap(const Term& term) {
  Unwrapped result{term, {}};
  const auto named = [](const Term& left) {
    bool symbols = left.at().op == Op::tuple;
    for (size_t i = 0; symbols && i < left.at().count; ++i) {
      symbols = left.child(i).at().op == Op::symbol;
    }
    return symbols || left.at().op == Op::symbol || left.at().op == Op::call;
  };
  const auto is_equation = [](const Term& t) {
    return t.at().op == Op::relation && t.at().detail == static_cast<uint8_t>(Relation::equal);
  };
  if (term.at().op == Op::membership || is_equation(term)) {
    if (!named(term.child(0))) return result;
    result.name = atom_name(term, term.child(0).node);
    result.term = term.child(1);
    return result;
  }
  if (term.at().op != Op::chain || term.at().count == 0) return result;
  for (size_t i = 0; i < term.at().count; ++i) {
    if (!is_equation(term.child(i))) return result;
  }
  const Term left = term.child(0).child(0);
  if (!named(left)) return result;
  result.name = atom_name(term, left.node);
  result.term = term.child(term.at().count - 1).child(1);
  return result;
}

bool is_empty_answer(const Term& term) {
  static constexpr std::array<std::string_view, 12> kWords{
      "nosolution",        "nosolutions",       "nosolutionsexist", "nosolutionexists", "none",
      "emptyset",          "theemptyset",       "norealsolution",   "norealsolutions",  "nosuchx",
      "thereisnosolution", "thereisnosolutions"};
  if (term.at().op == Op::set) return term.at().count == 0;
  return is_among(text_of(term), kWords);
}

bool is_undefined_answer(const Term& term) {
  static constexpr std::array<std::string_view, 4> kWords{"undefined", "dne", "doesnotexist",
                                                          "notdefined"};
  return is_among(text_of(term), kWords);
}

bool is_interval_like(const Term& term) {
  switch (term.at().op) {
    case Op::interval:
    case Op::set_union:
    case Op::set_intersection:
    case Op::set_difference:
    case Op::named_set:
      return true;
    case Op::tuple:
      return term.at().count == 2 && (infinity_sign(term.child(0)) || infinity_sign(term.child(1)));
    default:
      return false;
  }
}

bool is_inequality(const Term& term) {
  if (term.at().op == Op::relation) {
    const auto relation = static_cast<Relation>(term.at().detail);
    return relation != Relation::equal;
  }
  if (term.at().op != Op::chain) return false;
  for (size_t i = 0; i < term.at().count; ++i) {
    if (!is_inequality(term.child(i))) return false;
  }
  return term.at().count > 0;
}

}  // namespace reckon::rewards::math
