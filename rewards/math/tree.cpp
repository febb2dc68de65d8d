#include "rewards/math/tree.h"

#include <utility>

namespace reckon::rewards::math {

uint32_t Tree::add(Op op, std::span<const uint32_t> kids, uint8_t detail, uint32_t index) {
  Node node;
  node.op = op;
  node.detail = detail;
  node.index = index;
  node.first = static_cast<uint32_t>(children.size());
  node.count = static_cast<uint32_t>(kids.size());
  children.insert(children.end(), kids.begin(), kids.end());
  nodes.push_back(node);
  return static_cast<uint32_t>(nodes.size() - 1);
}

uint32_t Tree::add_number(Number number) {
  numbers.push_back(std::move(number));
  return add(Op::number, {}, 0, static_cast<uint32_t>(numbers.size() - 1));
}

uint32_t Tree::add_name(Op op, std::string_view name) {
  names.emplace_back(name);
  return add(op, {}, 0, static_cast<uint32_t>(names.size() - 1));
}

}  // namespace reckon::rewards::math
