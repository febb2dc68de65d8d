#include "rewards/math/tree.h"

#include <doctest/doctest.h>

using namespace reckon::rewards::math;

TEST_CASE("a tree keeps the children of a node in order") {
  Tree tree;
  const uint32_t x = tree.add_name(Op::symbol, "x");
  const uint32_t two = tree.add_number({.digits = "2"});
  const uint32_t kids[] = {x, two};
  tree.root = tree.add(Op::pow, kids);
  REQUIRE(tree.children_of(tree.root).size() == 2);
  CHECK(tree.children_of(tree.root)[0] == x);
  CHECK(tree.names[tree.at(x).index] == "x");
  CHECK(tree.numbers[tree.at(two).index].digits == "2");
}
