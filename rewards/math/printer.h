#pragma once

#include <string>
#include <string_view>

#include "rewards/math/tree.h"

namespace reckon::rewards::math {

/// Writes a tree as LaTeX that is read as the same tree. Levels are those of the grammar, 0 for a
/// list up to 9 for an atom. Keeps a reference to the tree.
class Printer {
 public:
  explicit Printer(const Tree& tree) : tree_(tree) {}

  /// `node`, in parentheses if its level is below `least`.
  std::string print(uint32_t node, int least) const;

 private:
  int level(uint32_t node) const;
  std::string bare(uint32_t node) const;
  std::string bare_shape(uint32_t node) const;
  std::string joined(uint32_t node, std::string_view between, int least) const;
  static std::string number(const Number& number);
  std::string sum(uint32_t node) const;
  std::string chain(uint32_t node) const;
  bool infinite(uint32_t node) const;
  static std::string text(std::string_view words);
  std::string interval(uint32_t node) const;
  std::string matrix(uint32_t node, std::string_view name, size_t rows) const;
  std::string function(uint32_t node) const;
  std::string big(uint32_t node, std::string_view name) const;
  std::string opaque(uint32_t node) const;
  std::string call(uint32_t node) const;

  const Tree& tree_;
};

}  // namespace reckon::rewards::math
