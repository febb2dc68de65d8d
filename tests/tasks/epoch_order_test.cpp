#include "tasks/epoch_order.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "core/error.h"

using namespace reckon;
using namespace reckon::tasks;

namespace {

std::vector<uint32_t> epoch(const EpochOrder& order, uint64_t number, uint32_t size) {
  std::vector<uint32_t> elements;
  for (uint64_t i = 0; i < size; ++i) elements.push_back(order.at(number * size + i));
  return elements;
}

}  // namespace

TEST_CASE("every epoch is a permutation of its own") {
  constexpr uint32_t kSize = 100;
  const EpochOrder order(7, 0, kSize, true);
  std::vector<uint32_t> identity(kSize);
  std::iota(identity.begin(), identity.end(), 0U);
  std::vector<uint32_t> before = identity;
  for (uint64_t number = 0; number < 5; ++number) {
    const std::vector<uint32_t> elements = epoch(order, number, kSize);
    CHECK(std::is_permutation(elements.begin(), elements.end(), identity.begin()));
    CHECK(elements != before);
    before = elements;
  }
}

TEST_CASE("a position gives the same element in whatever order it is asked for") {
  const EpochOrder order(7, 0, 10, true);
  const std::vector<uint32_t> third = epoch(order, 3, 10);
  epoch(order, 1, 10);
  CHECK(epoch(order, 3, 10) == third);
  CHECK(epoch(EpochOrder(7, 0, 10, true), 3, 10) == third);
  CHECK(epoch(EpochOrder(8, 0, 10, true), 3, 10) != third);
  CHECK(epoch(EpochOrder(7, 1, 10, true), 3, 10) != third);
}

TEST_CASE("without shuffling an epoch is in the order of the list") {
  CHECK(epoch(EpochOrder(7, 0, 4, false), 2, 4) == std::vector<uint32_t>{0, 1, 2, 3});
}

TEST_CASE("an empty list has no order") { CHECK_THROWS_AS(EpochOrder(7, 0, 0, true), Error); }
