// Trees as LaTeX.
#include "rewards/math/printer.h"

#include <fmt/format.h>

#include <algorithm>

#include "rewards/math/scanner_classes.h"
#include "rewards/math/units.h"
#include "rewards/math/vocabulary.h"

namespace reckon::rewards::math {

namespace {

constexpr std::string_view kFunctionNames[] = {"\\sin",
                                               "\\cos",
                                               "\\tan",
                                               "\\cot",
                                               "\\sec",
                                               "\\csc",
                                               "\\arcsin",
                                               "\\arccos",
                                               "\\arctan",
                                               "\\operatorname{arccot}",
                                               "\\operatorname{arcsec}",
                                               "\\operatorname{arccsc}",
                                               "\\sinh",
                                               "\\cosh",
                                               "\\tanh",
                                               "\\coth",
                                               "\\operatorname{sech}",
                                               "\\operatorname{csch}",
                                               "\\operatorname{arcsinh}",
                                               "\\operatorname{arccosh}",
                                               "\\operatorname{arctanh}",
                                               "\\ln",
                                               "\\log",
                                               "\\log",
                                               "\\exp",
                                               "\\gcd",
                                               "\\operatorname{lcm}",
                                               "\\min",
                                               "\\max",
                                               "\\abs",
                                               "\\floor",
                                               "\\ceil",
                                               "\\operatorname{Re}",
                                               "\\operatorname{Im}",
                                               "\\operatorname{conj}",
                                               "\\arg",
                                               "\\operatorname{sgn}"};
constexpr std::string_view kConstants[] = {"\\pi", "e", "i", "\\infty"};
constexpr std::string_view kNamedSets[] = {"\\mathbb{R}", "\\mathbb{Z}", "\\mathbb{N}",
                                           "\\mathbb{Q}", "\\mathbb{C}"};
constexpr std::string_view kRelations[] = {" = ", " \\ne ", " < ", " \\le ", " > ", " \\ge "};

}  // namespace

int Printer::level(uint32_t node) const {
  const Node& at = tree_.at(node);
  switch (at.op) {
    case Op::list:
      return 0;
    case Op::relation:
    case Op::chain:
    case Op::membership:
      return 1;
    case Op::set_union:
    case Op::set_difference:
      return 2;
    case Op::set_intersection:
      return 3;
    case Op::ratio:
      return 4;
    case Op::add:
    case Op::neg:
    case Op::plus_minus:
      return 5;
    case Op::mul:
    case Op::mod:
    case Op::sum:
    case Op::prod:
      return 6;
    case Op::div:
    case Op::binom:
    case Op::root:
      return 7;
    case Op::pow:
    case Op::factorial:
      return 8;
    case Op::number:
      return tree_.numbers[at.index].base_shown || tree_.numbers[at.index].exponent != 0 ? 8 : 9;
    case Op::opaque: {
      const std::string& name = tree_.names[at.index];
      if (name == "equiv") return 1;
      return name == "dots" || name == "cases" || name == "setbuilder" || name == "norm" ? 9 : 6;
    }
    default:
      return 9;
  }
}

std::string Printer::print(uint32_t node, int least) const {
  std::string text = bare(node);
  return level(node) < least ? fmt::format("\\left({}\\right)", text) : text;
}

std::string Printer::joined(uint32_t node, std::string_view between, int least) const {
  std::string result;
  for (const uint32_t kid : tree_.children_of(node)) {
    if (!result.empty()) result += between;
    result += print(kid, least);
  }
  return result;
}

std::string Printer::number(const Number& number) {
  std::string text = number.digits;
  const auto shown = static_cast<size_t>(number.decimals_shown);
  if (shown > 0) {
    if (text.size() <= shown) text.insert(0, shown + 1 - text.size(), '0');
    text.insert(text.size() - shown, 1, '.');
  }
  const int power = number.exponent + number.decimals_shown;
  if (power != 0) text += fmt::format("E{}", power);
  if (number.base_shown) {
    // A digit must come first.
    if (text[0] > '9') text.insert(0, 1, '0');
    text += fmt::format("_{{{}}}", number.base);
  }
  return text;
}

std::string Printer::sum(uint32_t node) const {
  std::string result;
  for (const uint32_t kid : tree_.children_of(node)) {
    const Op op = tree_.at(kid).op;
    const bool has_sign = op == Op::neg || op == Op::plus_minus;
    if (!result.empty()) result += has_sign ? " " : " + ";
    result += print(kid, has_sign ? 5 : 6);
  }
  return result;
}

std::string Printer::chain(uint32_t node) const {
  std::string result;
  for (const uint32_t link : tree_.children_of(node)) {
    const auto sides = tree_.children_of(link);
    if (result.empty()) result = print(sides[0], 2);
    result += kRelations[tree_.at(link).detail];
    result += print(sides[1], 2);
  }
  return result;
}

bool Printer::infinite(uint32_t node) const {
  const Node* at = &tree_.at(node);
  if (at->op == Op::neg || at->op == Op::plus_minus) at = &tree_.at(tree_.children_of(node)[0]);
  return at->op == Op::constant && at->detail == static_cast<uint8_t>(Constant::infinity);
}

/// Quoted, unless it is one word: 12cm in a \text would be read as mathematics.
std::string Printer::text(std::string_view words) {
  const bool plain = words.size() > 2 && std::all_of(words.begin(), words.end(), is_letter) &&
                     !find_word(words) && !find_word(words.substr(1)) &&
                     !find_word(words.substr(0, words.size() - 1)) && !is_unit_word(words);
  const std::string_view quote = plain ? "" : "\"";
  return fmt::format("\\text{{{}{}{}}}", quote, words, quote);
}

std::string Printer::interval(uint32_t node) const {
  const uint8_t ends = tree_.at(node).detail;
  if (ends == 0 && !infinite(tree_.children_of(node)[0]) && !infinite(tree_.children_of(node)[1])) {
    return fmt::format("\\left]{}\\right[", joined(node, ", ", 1));  // (a, b) would be a pair
  }
  return std::string((ends & 1) != 0 ? "\\left[" : "\\left(") + joined(node, ", ", 1) +
         ((ends & 2) != 0 ? "\\right]" : "\\right)");
}

std::string Printer::matrix(uint32_t node, std::string_view name, size_t rows) const {
  const auto cells = tree_.children_of(node);
  const size_t width = rows == 0 ? cells.size() : cells.size() / rows;
  std::string result = fmt::format("\\begin{{{}}} ", name);
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) result += i % width == 0 ? " \\\\ " : " & ";
    result += print(cells[i], 1);
  }
  return result + fmt::format(" \\end{{{}}}", name);
}

std::string Printer::function(uint32_t node) const {
  const Node& at = tree_.at(node);
  const auto kids = tree_.children_of(node);
  switch (static_cast<Function>(at.detail)) {
    case Function::abs:
      return fmt::format("\\left|{}\\right|", print(kids[0], 1));
    case Function::floor:
      return fmt::format("\\lfloor {} \\rfloor", print(kids[0], 1));
    case Function::ceil:
      return fmt::format("\\lceil {} \\rceil", print(kids[0], 1));
    case Function::log_base:
      return fmt::format("\\log_{{{}}}\\left({}\\right)", print(kids[0], 1), print(kids[1], 1));
    default:
      return fmt::format("{}\\left({}\\right)", kFunctionNames[at.detail], joined(node, ", ", 1));
  }
}

std::string Printer::big(uint32_t node, std::string_view name) const {
  const auto kids = tree_.children_of(node);
  return fmt::format("\\{}_{{{}={}}}^{{{}}} {}", name, print(kids[0], 9), print(kids[1], 2),
                     print(kids[2], 1), print(kids[3], 6));
}

std::string Printer::opaque(uint32_t node) const {
  const std::string& name = tree_.names[tree_.at(node).index];
  const auto kids = tree_.children_of(node);
  if (name == "dots") return "\\ldots";
  if (name == "!!") return print(kids[0], 9) + "!!";
  if (name == "^+" || name == "^-")
    return fmt::format("{}^{{{}}}", print(kids[0], 9), name.substr(1));
  if (name == "equiv") return print(kids[0], 2) + " \\equiv " + print(kids[1], 5);
  if (name == "norm") return matrix(node, "Vmatrix", 1);
  if (name == "cases") return matrix(node, "cases", kids.size());
  if (name == "setbuilder") {
    std::string result = fmt::format("\\{{{} \\mid ", print(kids[0], 1));
    for (size_t i = 1; i < kids.size(); ++i) result += (i > 1 ? ", " : "") + print(kids[i], 1);
    return result + "\\}";
  }
  if (name == "lim") {
    return fmt::format("\\lim_{{{} \\to {}}} {}", print(kids[0], 2), print(kids[1], 2),
                       print(kids[2], 6));
  }
  std::string result =
      name == "iint" || name == "oint" || name == "int" || name == "sum" || name == "prod"
          ? fmt::format("\\{}", name)
          : fmt::format("\\operatorname{{{}}}", name);
  if (kids.size() > 1) result += fmt::format("_{{{}}}", print(kids[0], 1));
  if (kids.size() > 2) result += fmt::format("^{{{}}}", print(kids[1], 1));
  return kids.empty() ? result : result + " " + print(kids.back(), 6);
}

std::string Printer::call(uint32_t node) const {
  const std::string& name = tree_.names[tree_.at(node).index];
  const bool word = name.size() > 1 && name.find_first_of("_'^\\") == name.npos;
  const std::string head = word ? fmt::format("\\operatorname{{{}}}", name) : name;
  return fmt::format("{}\\left({}\\right)", head, joined(node, ", ", 1));
}

std::string Printer::bare(uint32_t node) const {
  const Node& at = tree_.at(node);
  const auto kids = tree_.children_of(node);
  switch (at.op) {
    case Op::number:
      return number(tree_.numbers[at.index]);
    case Op::symbol:
      return tree_.names[at.index];
    case Op::constant:
      return std::string(kConstants[at.detail]);
    case Op::neg:
      return fmt::format("-{}", print(kids[0], 6));
    case Op::plus_minus:
      return (at.detail == 0 ? "\\pm " : "\\mp ") + print(kids[0], 6);
    case Op::add:
      return sum(node);
    case Op::mul:
      return joined(node, " \\cdot ", 7);
    case Op::div:
      return fmt::format("\\frac{{{}}}{{{}}}", print(kids[0], 1), print(kids[1], 1));
    case Op::pow:
      return fmt::format("{}^{{{}}}", print(kids[0], 9), print(kids[1], 1));
    case Op::root:
      return at.detail == 2 ? fmt::format("\\sqrt{{{}}}", print(kids[0], 1))
                            : fmt::format("\\sqrt[{}]{{{}}}", at.detail, print(kids[0], 1));
    case Op::func:
      return function(node);
    case Op::factorial:
      return print(kids[0], 9) + "!";
    case Op::binom:
      return fmt::format("\\binom{{{}}}{{{}}}", print(kids[0], 1), print(kids[1], 1));
    case Op::mod:
      return joined(node, " \\bmod ", 7);
    case Op::sum:
      return big(node, "sum");
    case Op::prod:
      return big(node, "prod");
    case Op::opaque:
      return opaque(node);
    case Op::call:
      return call(node);
    default:
      return bare_shape(node);
  }
}

std::string Printer::bare_shape(uint32_t node) const {
  const Node& at = tree_.at(node);
  switch (at.op) {
    case Op::tuple:
      return fmt::format("\\left({}\\right)", joined(node, ", ", 1));
    case Op::list:
      return joined(node, ", ", 1);
    case Op::set:
      return fmt::format("\\{{{}\\}}", joined(node, ", ", 1));
    case Op::named_set:
      return std::string(kNamedSets[at.detail]);
    case Op::interval:
      return interval(node);
    case Op::set_union:
      return joined(node, " \\cup ", 3);
    case Op::set_intersection:
      return joined(node, " \\cap ", 4);
    case Op::set_difference:
      return joined(node, " \\setminus ", 3);
    case Op::relation:
      return joined(node, kRelations[at.detail], 2);
    case Op::chain:
      return chain(node);
    case Op::membership:
      return joined(node, " \\in ", 2);
    case Op::matrix:
      return matrix(node, "pmatrix", at.detail);
    case Op::determinant:
      return matrix(node, "vmatrix", at.detail);
    case Op::ratio:
      return joined(node, " : ", 5);
    case Op::text:
      return text(tree_.names[at.index]);
    case Op::choice:
      return std::string(1, static_cast<char>('A' + at.detail));
    default:
      return {};
  }
}

std::string to_latex(const Tree& tree, uint32_t node) { return Printer(tree).print(node, 0); }

std::string to_latex(const Reading& reading) {
  const Marks& marks = reading.marks;
  const bool money_first =
      marks.currency == "$" && reading.tree.at(reading.tree.root).op == Op::number;
  std::string text = money_first ? "\\$" : "";
  text += to_latex(reading.tree, reading.tree.root);
  if (marks.degrees) text += "^{\\circ}";
  if (marks.percent) text += "\\%";
  if (!marks.unit.empty()) text += fmt::format("\\text{{ {}}}", marks.unit);
  if (!marks.currency.empty() && !money_first) {
    text += marks.currency == "$" ? " \\$" : " " + marks.currency;
  }
  return text;
}

}  // namespace reckon::rewards::math
