#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/math/read.h"
#include "rewards/math/token.h"

namespace reckon::rewards::math {

/// The grammar: precedence climbing over the tokens of one text. From loose to tight: lists,
/// relations, unions, intersections, ratios, sums, products, powers, atoms. Recursion is bounded by
/// `Guards::kNesting`. One use.
class Parser {
 public:
  explicit Parser(const Tokens& tokens) : tokens_(tokens) {}

  /// Reads all tokens. False if they are no mathematics; then `failure` says why.
  bool run();
  Reason failure() const { return failure_; }
  Reading take() { return {std::move(tree_), std::move(marks_)}; }

 private:
  using Node = uint32_t;
  using K = TokenKind;
  static constexpr Node kNone = UINT32_MAX;

  /// What is different inside brackets, arguments, bars.
  struct Context {
    bool units = true;         ///< units, % and degrees stand beside the value, not in it
    bool in_bar = false;       ///< the next | closes
    bool in_interval = false;  ///< the next [ closes
    bool in_angle = false;     ///< the next > closes
    bool in_set = false;       ///< the next | or : ends the left side of a set's condition
    bool argument = false;     ///< of a function without parentheses
  };

  /// Counts one level of nesting and puts the context back at its end.
  class Level {
   public:
    Level(Parser& parser, Context context, int weight = 1)
        : parser_(parser), saved_(parser.context_), weight_(weight) {
      parser.context_ = context;
      parser.depth_ += weight;
      if (parser.depth_ > Guards::kNesting) parser.fail(Reason::guard);
    }
    ~Level() {
      parser_.context_ = saved_;
      parser_.depth_ -= weight_;
    }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
    Context saved_;
    int weight_;
  };

  // The tokens.
  const Token& peek(size_t ahead = 0) const {
    return tokens_.list[std::min(at_ + ahead, tokens_.list.size() - 1)];
  }
  bool is(K kind, size_t ahead = 0) const { return peek(ahead).kind == kind; }
  bool accept(K kind);
  bool expect(K kind);
  const Number* number_at(size_t ahead) const;
  bool whole_number_at(size_t ahead) const;

  // Nodes.
  Node fail(Reason reason = Reason::unreadable);
  bool failed() const { return failed_; }
  Node make(Op op, std::initializer_list<Node> kids, uint8_t detail = 0);
  Node make(Op op, const std::vector<Node>& kids, uint8_t detail = 0);
  Node number(Number value);
  Node whole(int value);
  Node named(Op op, std::string_view name, const std::vector<Node>& kids = {});
  bool is_infinite(Node node) const;
  bool is_numeric(Node node) const;
  static Context inner() { return {.units = false}; }
  bool finite(Op op, const std::vector<Node>& kids) const;

  // parser.cpp: the loose levels.
  Node list();
  std::vector<Node> items();
  std::vector<Node> bracketed_items(Context context);
  bool accept_separator();
  Node item();
  Node relation();
  Node chain(const std::vector<Node>& sides, const std::vector<uint8_t>& relations);
  Node sets();
  Node intersections();
  Node set_operand(Node node);
  Node ratio();
  Node nested(Context context);

  // parser_sums.cpp: sums, products, powers.
  Node sum_level();
  Node signed_term();
  Node term_with_sign(const Token& sign, Node term);
  Node product_level();
  Node implicit_product();
  Node factor(bool sign_allowed);
  Node powers(Node base);
  Node postfix(Node base);
  Node exponent();
  Node short_exponent();
  Node degree_of(Node value);
  Node remainder_of(Node value);
  bool starts_factor() const;
  bool ends_product() const;

  // parser_atoms.cpp: numbers, letters, words.
  Node atom();
  Node group(Context context);
  Node number_atom();
  Node mixed_number();
  Node based_number(Number value);
  Node repeating(Number value);
  int base_at_subscript();
  Node letter_atom();
  Node word_atom();
  std::string subscript();
  std::string raw_argument();
  Node bound_call(std::string name);
  Node call_arguments(std::string_view name);
  bool left_side_call() const;
  Node accent();
  Node currency();

  // parser_brackets.cpp.
  Node parentheses();
  Node brackets(bool left_open, K opening);
  Node close_items(std::vector<Node> items, K opening, K closing);
  Node array_rows(const std::vector<Node>& rows);
  Node set_braces();
  Node condition(Node left);
  Node bars();
  Node between(K closing, Function function);
  Node angle();
  Node environment();
  Node matrix_cells(std::string_view name);
  Node cases_cells();

  // parser_functions.cpp.
  Node fraction();
  Node binomial();
  Node argument();
  Node root(int index);
  Node function();
  Node function_value(const Token& token, Node base, const std::vector<Node>& arguments);
  static Function inverse(Function function);
  Node log_base();
  std::vector<Node> function_arguments();
  Node big_operator();
  Node integral();
  Node limit();
  Node bound(K mark);

  // parser_units.cpp.
  Node unit_suffix(Node value);
  bool at_unit() const;
  std::string unit_phrase();
  bool note_unit(std::string_view phrase, Node value);
  bool at_item_end(size_t ahead) const;

  const Tokens& tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false;
  Reason failure_ = Reason::unreadable;
  Context context_;
  std::vector<std::string_view> bound_;  // variables of the sums around
  Tree tree_;
  Marks marks_;
};

}  // namespace reckon::rewards::math
