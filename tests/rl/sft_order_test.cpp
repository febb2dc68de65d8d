#include "rl/sft_order.h"

#include <doctest/doctest.h>

#include <map>

#include "core/error.h"

using namespace reckon;
using namespace reckon::rl;

namespace {

// Documents of one prompt token each: its id tells the document.
SftSet set_of(int32_t first, int32_t count, double weight = 1.0, size_t completion = 3) {
  SftSet set;
  for (int32_t i = 0; i < count; ++i) {
    set.documents.push_back({{first + i}, std::vector<int32_t>(completion, 1)});
  }
  set.weight = weight;
  return set;
}

std::vector<int32_t> read(const SftOrder& order, uint64_t begin, uint64_t end) {
  std::vector<int32_t> ids;
  for (uint64_t n = begin; n < end; ++n) ids.push_back(order.at(n).prompt[0]);
  return ids;
}

std::map<int32_t, int> count(const std::vector<int32_t>& ids) {
  std::map<int32_t, int> counts;
  for (const int32_t id : ids) ++counts[id];
  return counts;
}

}  // namespace

TEST_CASE("every epoch has every document once, in an order of its own") {
  const SftOrder order({set_of(0, 20), set_of(100, 5)}, 7, 2);
  const auto first = read(order, 0, 25), second = read(order, 25, 50);
  CHECK(count(first).size() == 25);
  CHECK(count(first) == count(second));
  CHECK(first != second);
  // The sets are mixed, not one behind the other.
  bool mixed = false;
  for (size_t i = 0; i < 20; ++i) mixed |= first[i] >= 100;
  CHECK(mixed);
}

TEST_CASE("a position gives the same document in whatever order positions are asked for") {
  const SftOrder forward({set_of(0, 9, 0.5), set_of(100, 4, 2.0)}, 7, 2);
  const SftOrder backward({set_of(0, 9, 0.5), set_of(100, 4, 2.0)}, 7, 2);
  const auto expected = read(forward, 0, 60);
  for (uint64_t n = 60; n-- > 0;) CHECK(backward.at(n).prompt[0] == expected[n]);
  const SftOrder seed({set_of(0, 9, 0.5), set_of(100, 4, 2.0)}, 8, 2);
  const SftOrder stage({set_of(0, 9, 0.5), set_of(100, 4, 2.0)}, 7, 3);
  CHECK(read(seed, 0, 60) != expected);
  CHECK(read(stage, 0, 60) != expected);
}

TEST_CASE("weight 2 reads rows twice an epoch, weight 0.5 one half and then the other") {
  const SftOrder order({set_of(0, 10, 0.5), set_of(100, 3, 2.0)}, 7, 2);
  CHECK(order.epoch_begin(1) == 5 + 6);
  const auto first = count(read(order, 0, 11)), second = count(read(order, 11, 22));
  for (int32_t id = 100; id < 103; ++id) CHECK(first.at(id) == 2);
  for (int32_t id = 0; id < 10; ++id) CHECK(first.count(id) + second.count(id) == 1);
}

TEST_CASE("a weight that gives no whole number of rows loses none over the epochs") {
  const SftOrder order({set_of(0, 7, 0.3), set_of(100, 1, 1.0)}, 7, 2);
  const uint64_t end = order.epoch_begin(10);
  CHECK(end == 21 + 10);
  const auto counts = count(read(order, 0, end));
  for (int32_t id = 0; id < 7; ++id) CHECK(counts.at(id) == 3);
}

TEST_CASE("epochs end and are counted where they should") {
  const SftOrder order({set_of(0, 10)}, 7, 2);
  CHECK(order.end_of(3.0) == 30);
  CHECK(order.end_of(0.25) == 3);
  CHECK(order.end_of(1.5) == 15);
  CHECK(order.epochs_before(0) == 0.0);
  CHECK(order.epochs_before(15) == doctest::Approx(1.5));
  CHECK(order.epochs_before(30) == doctest::Approx(3.0));
}

TEST_CASE("steps are counted as they will be taken") {
  // Documents of 4 tokens; 2 of them fit 10.
  const SftOrder order({set_of(0, 10)}, 7, 2);
  CHECK(order.count_steps(10, 10) == 5);
  CHECK(order.count_steps(10, 11) == 6);
  CHECK(order.count_steps(4, 10) == 10);
  CHECK(order.count_steps(1, 10) == 10);  // a document that fits no step has one of its own
  CHECK(order.count_steps(1000, 10) == 1);
}

TEST_CASE("data that would never come to an end is refused") {
  CHECK_THROWS_AS(SftOrder({}, 7, 2), Error);
  CHECK_THROWS_AS(SftOrder({set_of(0, 0)}, 7, 2), Error);
  CHECK_THROWS_AS(SftOrder({set_of(0, 4, 0.1)}, 7, 2), Error);
}
