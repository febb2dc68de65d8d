#include "core/philox.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <vector>

#include "tests/core/thrown_error.h"

using reckon::philox4x32_10;
using reckon::Purpose;
using reckon::RandomSequence;
using reckon::RandomStream;
using reckon::StreamAddress;

namespace {

using Words = std::array<uint32_t, 4>;

// Sum of (seen - expected)^2 / expected over equally likely cells.
double chi_square(const std::vector<int>& cells) {
  const double expected =
      std::accumulate(cells.begin(), cells.end(), 0.0) / static_cast<double>(cells.size());
  double sum = 0;
  for (const int seen : cells) sum += (seen - expected) * (seen - expected) / expected;
  return sum;
}

}  // namespace

TEST_CASE("philox4x32-10 gives the published known answers") {
  CHECK(philox4x32_10({0, 0, 0, 0}, {0, 0}) ==
        Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32_10({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("an address gives the same bits for ever") {
  const RandomStream stream({7, 2, Purpose::eval, 120});
  CHECK(stream.block(1, 5, 3, 4711) == Words{0x7fa90f0a, 0x800855d0, 0xa3811882, 0x697cc682});
  CHECK(stream.uniform(5, 3, 4711) == 0x1.e4825fa8b4f8cp-1);
}

TEST_CASE("every part of the address changes the bits") {
  const StreamAddress base{7, 2, Purpose::eval, 120};
  std::vector<StreamAddress> addresses(5, base);
  addresses[1].seed += 1;
  addresses[2].stage += 1;
  addresses[3].purpose = Purpose::sample;
  addresses[4].step += 1;
  std::set<Words> blocks;
  for (const StreamAddress& address : addresses) {
    const RandomStream stream(address);
    for (const Words& at : {Words{0, 0, 0, 0}, Words{1, 0, 0, 0}, Words{0, 1, 0, 0},
                            Words{0, 0, 1, 0}, Words{0, 0, 0, 1}}) {
      blocks.insert(stream.block(at[0], at[1], at[2], at[3]));
    }
  }
  CHECK(blocks.size() == 25);
}

TEST_CASE("fields of the address cannot stand in for each other") {
  std::set<Words> blocks;
  for (uint64_t seed = 0; seed < 12; ++seed) {
    for (uint32_t stage = 0; stage < 6; ++stage) {
      for (uint32_t purpose = 0; purpose < 6; ++purpose) {
        for (uint64_t step = 0; step < 12; ++step) {
          const RandomStream stream({seed, stage, static_cast<Purpose>(purpose), step});
          blocks.insert(stream.block(0, 0, 0, 0));
        }
      }
    }
  }
  CHECK(blocks.size() == 12 * 6 * 6 * 12);
}

TEST_CASE("uniform numbers fill [0, 1) evenly along every axis") {
  const RandomStream stream({1, 0, Purpose::sample, 0});
  for (int axis = 0; axis < 3; ++axis) {
    std::vector<int> cells(64);
    for (uint32_t i = 0; i < 64000; ++i) {
      const double u = stream.uniform(axis == 0 ? i : 0, axis == 1 ? i : 0, axis == 2 ? i : 0);
      REQUIRE(u >= 0);
      REQUIRE(u < 1);
      ++cells[static_cast<size_t>(u * 64)];
    }
    CHECK(chi_square(cells) < 120);  // 63 degrees of freedom; 1e-5 of good generators are above
    CHECK(chi_square(cells) > 25);
  }
}

TEST_CASE("neighbouring streams are not correlated") {
  double sum = 0;
  const uint32_t count = 50000;
  const RandomStream left({1, 0, Purpose::sample, 0});
  const RandomStream right({1, 0, Purpose::sample, 1});
  for (uint32_t i = 0; i < count; ++i) {
    sum += (left.uniform(i, 0, 0) - 0.5) * (right.uniform(i, 0, 0) - 0.5);
  }
  const double deviation = std::sqrt(count) / 12;  // of the sum, if independent
  CHECK(std::abs(sum) < 4.5 * deviation);
}

TEST_CASE("a sequence shares no bits with addressed numbers and repeats itself") {
  const RandomStream stream({3, 1, Purpose::corpus, 9});
  RandomSequence first(stream, 4, 5);
  RandomSequence second(stream, 4, 5);
  std::set<uint64_t> addressed;
  for (uint32_t position = 0; position < 500; ++position) {
    const Words words = stream.block(0, position, 4, 5);
    addressed.insert(uint64_t{words[0]} << 32 | words[1]);
    addressed.insert(uint64_t{words[2]} << 32 | words[3]);
  }
  std::set<uint64_t> walked;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t bits = first.next_u64();
    CHECK(bits == second.next_u64());
    CHECK(addressed.count(bits) == 0);
    walked.insert(bits);
  }
  CHECK(walked.size() == 1000);
}

TEST_CASE("next_below is even, reaches both ends and refuses 0") {
  RandomSequence sequence(RandomStream({1, 0, Purpose::shuffle, 0}), 0, 0);
  std::vector<int> cells(7);
  for (int i = 0; i < 70000; ++i) ++cells.at(sequence.next_below(7));
  CHECK(chi_square(cells) < 35);  // 6 degrees of freedom
  for (int i = 0; i < 100; ++i) CHECK(sequence.next_below(1) == 0);
  // Without rejection the lowest third would come twice as often as the rest.
  const uint32_t large = 3u << 30;
  int low = 0;
  for (int i = 0; i < 30000; ++i) low += sequence.next_below(large) < (1u << 30);
  CHECK(low == doctest::Approx(10000).epsilon(0.04));
  CHECK(reckon::tests::thrown_by([&] { sequence.next_below(0); }).code ==
        reckon::ErrorCode::invalid_argument);
}

TEST_CASE("next_normal has the moments of a normal distribution") {
  RandomSequence sequence(RandomStream({1, 0, Purpose::init, 0}), 0, 0);
  const int count = 100000;
  std::array<double, 5> moments{};
  for (int i = 0; i < count; ++i) {
    const double x = sequence.next_normal();
    REQUIRE(std::isfinite(x));
    for (int power = 1; power <= 4; ++power) {
      moments[static_cast<size_t>(power)] += std::pow(x, power) / count;
    }
  }
  CHECK(std::abs(moments[1]) < 0.015);
  CHECK(std::abs(moments[2] - 1) < 0.02);
  CHECK(std::abs(moments[3]) < 0.05);
  CHECK(std::abs(moments[4] - 3) < 0.15);
}

TEST_CASE("shuffle reaches every order equally often and loses nothing") {
  RandomSequence sequence(RandomStream({1, 0, Purpose::shuffle, 3}), 0, 0);
  std::map<std::vector<int>, int> seen;
  for (int i = 0; i < 24000; ++i) {
    std::vector<int> items = {1, 2, 3, 4};
    sequence.shuffle(items);
    ++seen[items];
  }
  REQUIRE(seen.size() == 24);
  std::vector<int> cells;
  for (const auto& [order, count] : seen) {
    CHECK(std::is_permutation(order.begin(), order.end(), std::vector{1, 2, 3, 4}.begin()));
    cells.push_back(count);
  }
  CHECK(chi_square(cells) < 65);  // 23 degrees of freedom
  std::vector<int> none;
  sequence.shuffle(std::span<int>(none));
}
