#include "policy/gguf/quants.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "core/error.h"
#include "core/safetensors.h"

namespace reckon::policy {
namespace {

const GgmlType kAll[] = {GgmlType::f32,  GgmlType::f16,  GgmlType::bf16, GgmlType::q4_0,
                         GgmlType::q4_1, GgmlType::q5_0, GgmlType::q5_1, GgmlType::q8_0,
                         GgmlType::q2_k, GgmlType::q3_k, GgmlType::q4_k, GgmlType::q5_k,
                         GgmlType::q6_k};

std::vector<float> floats(std::span<const std::byte> bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

TEST_CASE("quants: every type decodes to the bits of the gguf package") {
  const auto golden = SafetensorsFile::open("tests/golden/gguf/quants.safetensors");
  for (const GgmlType type : kAll) {
    const std::string name(ggml_type_info(type).name);
    CAPTURE(name);
    const auto expected = golden.at(name + "/values").bytes;
    std::vector<float> values(expected.size() / sizeof(float));
    dequantize(type, golden.at(name + "/bytes").bytes, values);
    CHECK(std::memcmp(values.data(), expected.data(), expected.size()) == 0);
  }
}

TEST_CASE("quants: F16, BF16 and Q8_0 encode to the bytes of the gguf package") {
  const auto golden = SafetensorsFile::open("tests/golden/gguf/quants.safetensors");
  for (const GgmlType type : {GgmlType::f16, GgmlType::bf16, GgmlType::q8_0}) {
    const std::string name(ggml_type_info(type).name);
    CAPTURE(name);
    const auto expected = golden.at(name + "/encoded").bytes;
    std::vector<std::byte> bytes(expected.size());
    quantize(type, floats(golden.at(name + "/input").bytes), bytes);
    CHECK(std::memcmp(bytes.data(), expected.data(), expected.size()) == 0);
  }
}

TEST_CASE("quants: each half-precision number survives the way through float32") {
  for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const float value = float_from_half(static_cast<std::uint16_t>(bits));
    if (half_from_float(value) != bits) FAIL("lost ", bits);
  }
}

TEST_CASE("quants: float32 becomes the nearest half-precision number, the even one of two") {
  std::mt19937 random(3);
  for (int i = 0; i < 200'000; ++i) {
    const float value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (!(std::abs(value) < 65520.0f)) continue;
    const std::uint16_t bits = half_from_float(value);
    const double error = std::abs(double{float_from_half(bits)} - value);
    for (const int step : {-1, 1}) {
      const auto other = static_cast<std::uint16_t>(bits + step);
      const double distance = std::abs(double{float_from_half(other)} - value);
      const bool nearest = error < distance || (error == distance && bits % 2 == 0);
      // The neighbours of zero and of the largest number are of another kind.
      const bool edge = (bits & 0x7FFF) == 0 || (other & 0x7FFF) >= 0x7C00;
      if (!nearest && !edge) FAIL("not the nearest to ", value);
    }
  }
  CHECK(half_from_float(65519.0f) == 0x7BFF);
  CHECK(half_from_float(65520.0f) == 0x7C00);
  CHECK(half_from_float(-std::numeric_limits<float>::infinity()) == 0xFC00);
  CHECK(std::isnan(float_from_half(half_from_float(std::numeric_limits<float>::quiet_NaN()))));
  CHECK((bfloat16_from_float(std::numeric_limits<float>::quiet_NaN()) & 0x7FFF) > 0x7F80);
}

TEST_CASE("quants: Q8_0 is within half a step, and numbers that are not finite stay in the type") {
  std::mt19937 random(4);
  std::normal_distribution<float> normal;
  std::vector<float> values(320), back(320);
  for (float& value : values) value = normal(random);
  std::vector<std::byte> bytes(10 * 34);
  quantize(GgmlType::q8_0, values, bytes);
  dequantize(GgmlType::q8_0, bytes, back);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t begin = i / 32 * 32;
    float largest = 0;
    for (std::size_t j = begin; j < begin + 32; ++j) {
      largest = std::max(largest, std::abs(values[j]));
    }
    CHECK(std::abs(back[i] - values[i]) <= largest * (0.5f / 127 + 0.0006f));
  }
  values[5] = std::numeric_limits<float>::infinity();
  values[40] = std::numeric_limits<float>::quiet_NaN();
  CHECK_NOTHROW(quantize(GgmlType::q8_0, values, bytes));
}

TEST_CASE("quants: sizes that do not belong together and types that are not written are errors") {
  std::vector<float> values(32);
  std::vector<std::byte> bytes(18);
  CHECK_THROWS_AS(dequantize(GgmlType::q4_1, bytes, values), Error);
  CHECK_THROWS_AS(dequantize(GgmlType::q4_0, bytes, std::span(values).first(16)), Error);
  CHECK_THROWS_AS(quantize(GgmlType::q4_0, values, bytes), Error);
  CHECK_THROWS_AS(quantize(GgmlType::f16, values, bytes), Error);
}

}  // namespace
}  // namespace reckon::policy
