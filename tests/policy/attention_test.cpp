#include "policy/kernels/attention.h"

#include <doctest/doctest.h>

#include <cmath>

#include "policy/kernels/vec.h"
#include "policy/ops.h"
#include "tests/policy/gradients.h"
#include "tests/policy/random_tensor.h"
#include "tests/policy/thread_count.h"

namespace reckon::policy::kernels {
namespace {

using tests::bit_equal;
using tests::max_difference;
using tests::random_tensor;

struct Attended {
  at::Tensor out;       // [T, H·D]
  at::Tensor log_sums;  // [T, H]
};

template <class T>
Attended forward(const at::Tensor& qkv, const AttentionShape& shape,
                 const std::vector<int64_t>& offsets, const std::vector<int64_t>& prefixes = {}) {
  Attended result{at::full({qkv.size(0), shape.out_width()}, 77, qkv.options()),
                  at::full({qkv.size(0), shape.query_heads}, 77, qkv.options())};
  attention_forward<T>(qkv.const_data_ptr<T>(), shape, {offsets, prefixes},
                       result.out.data_ptr<T>(), result.log_sums.data_ptr<T>());
  return result;
}

at::Tensor backward(const at::Tensor& dout, const at::Tensor& qkv, const AttentionShape& shape,
                    const std::vector<int64_t>& offsets,
                    const std::vector<int64_t>& prefixes = {}) {
  const auto attended = forward<double>(qkv, shape, offsets, prefixes);
  auto dqkv = at::full_like(qkv, 77);
  attention_backward<double>(dout.const_data_ptr<double>(), qkv.const_data_ptr<double>(),
                             attended.out.const_data_ptr<double>(),
                             attended.log_sums.const_data_ptr<double>(), shape, {offsets, prefixes},
                             dqkv.data_ptr<double>());
  return dqkv;
}

// The plain twin without rotation: angles of zero.
at::Tensor plain(const at::Tensor& qkv, const AttentionShape& shape,
                 const std::vector<int64_t>& offsets, const std::vector<int64_t>& prefixes = {}) {
  const auto cosine = at::ones({qkv.size(0), shape.head_size / 2}, qkv.options());
  return reference::rope_attention(qkv, {cosine, at::zeros_like(cosine)}, shape, offsets, prefixes);
}

// Groups of 1 to 5 query heads, sizes below, at and between whole registers.
std::vector<AttentionShape> shapes() {
  std::vector<AttentionShape> all;
  for (const int64_t group : {1, 2, 3, 4, 5}) {
    for (const int64_t size : {8, 24, 64}) all.push_back({2 * group, 2, size});
  }
  all.push_back({3, 3, 10});
  all.push_back({6, 1, 2});
  return all;
}

const std::vector<int64_t> kOffsets = {0, 1, 3, 20, 36, 69};

TEST_CASE("attention: packed sequences attend as the plain twin does") {
  for (const AttentionShape& shape : shapes()) {
    CAPTURE(shape.query_heads);
    CAPTURE(shape.head_size);
    const auto qkv = random_tensor({kOffsets.back(), shape.qkv_width()}, 1);
    const auto want = plain(qkv, shape, kOffsets);
    CHECK(max_difference(forward<double>(qkv, shape, kOffsets).out, want) < 1e-12);
    const auto single = qkv.to(at::kFloat);
    const auto wide = plain(single.to(at::kDouble), shape, kOffsets);
    CHECK(max_difference(forward<float>(single, shape, kOffsets).out, wide) < 1e-5);
  }
}

TEST_CASE("attention: log-sums are those of the scaled scores") {
  const AttentionShape shape{6, 2, 24};
  const auto qkv = random_tensor({9, shape.qkv_width()}, 2);
  const auto log_sums = forward<double>(qkv, shape, {0, 9}).log_sums;
  const auto heads = qkv.view({9, 10, 24});
  for (int64_t h = 0; h < 6; ++h) {
    const auto query = heads.select(1, h), key = heads.select(1, 6 + h / 3);
    auto scores = query.matmul(key.t()) / std::sqrt(24.0);
    scores.masked_fill_(at::ones({9, 9}, at::kBool).triu(1), -1e30);
    CHECK(max_difference(log_sums.select(1, h), at::logsumexp(scores, -1)) < 1e-13);
  }
}

// Two texts; three segments go on from the first one, one from the second.
const std::vector<int64_t> kShared = {0, 19, 24, 41, 42, 50, 56};
const std::vector<int64_t> kPrefixes = {-1, 0, 0, 0, -1, 4};

TEST_CASE("attention: segments that go on from a shared one are the whole texts, to the bit") {
  for (const AttentionShape& shape : shapes()) {
    const auto qkv = random_tensor({kShared.back(), shape.qkv_width()}, 6, at::kFloat);
    const auto shared = forward<float>(qkv, shape, kShared, kPrefixes).out;
    for (size_t s = 0; s < kPrefixes.size(); ++s) {
      if (kPrefixes[s] < 0) continue;
      const auto rows = [&](size_t segment) {
        return qkv.narrow(0, kShared[segment], kShared[segment + 1] - kShared[segment]);
      };
      const auto prefix = static_cast<size_t>(kPrefixes[s]);
      const auto whole = at::cat({rows(prefix), rows(s)});
      const auto want = forward<float>(whole, shape, {0, whole.size(0)}).out;
      const int64_t own = rows(s).size(0);
      CHECK(bit_equal(shared.narrow(0, kShared[s], own), want.narrow(0, whole.size(0) - own, own)));
      CHECK(bit_equal(shared.narrow(0, kShared[prefix], rows(prefix).size(0)),
                      want.narrow(0, 0, whole.size(0) - own)));
    }
  }
}

TEST_CASE("attention: gradients of shared segments are those of the plain twin") {
  for (const AttentionShape& shape : shapes()) {
    CAPTURE(shape.query_heads);
    CAPTURE(shape.head_size);
    const auto qkv = random_tensor({kShared.back(), shape.qkv_width()}, 6).requires_grad_(true);
    const auto dout = random_tensor({kShared.back(), shape.out_width()}, 7);
    const auto want = tests::gradients(
        [&] { return (plain(qkv, shape, kShared, kPrefixes) * dout).sum(); }, {qkv})[0];
    const auto got = backward(dout, qkv.detach(), shape, kShared, kPrefixes);
    CHECK(max_difference(got, want) < 1e-11);
    const tests::ThreadCount one(1);
    CHECK(bit_equal(backward(dout, qkv.detach(), shape, kShared, kPrefixes), got));
  }
}

TEST_CASE("attention: a sequence without tokens changes nothing") {
  const AttentionShape shape{4, 2, 8};
  const auto qkv = random_tensor({12, shape.qkv_width()}, 3);
  const auto with =
      forward<float>(qkv.to(at::kFloat), shape, std::vector<int64_t>{0, 0, 5, 5, 12, 12});
  const auto without = forward<float>(qkv.to(at::kFloat), shape, {0, 5, 12});
  CHECK(bit_equal(with.out, without.out));
  CHECK(bit_equal(with.log_sums, without.log_sums));
}

TEST_CASE("attention: a sequence has the same bits alone and packed, on 1 and 2 threads") {
  for (const AttentionShape& shape : shapes()) {
    const auto qkv = random_tensor({kOffsets.back(), shape.qkv_width()}, 4, at::kFloat);
    const auto packed = forward<float>(qkv, shape, kOffsets).out;
    for (size_t s = 0; s + 1 < kOffsets.size(); ++s) {
      const int64_t first = kOffsets[s], count = kOffsets[s + 1] - first;
      const auto alone = forward<float>(qkv.narrow(0, first, count).clone(), shape, {0, count});
      CHECK(bit_equal(alone.out, packed.narrow(0, first, count)));
    }
    const tests::ThreadCount one(1);
    CHECK(bit_equal(forward<float>(qkv, shape, kOffsets).out, packed));
  }
}

// Keys and values [count, D] as `attend` wants them; owns the transposed keys.
template <class T>
struct Cache {
  Cache(const at::Tensor& keys, at::Tensor value_rows) : values(value_rows.contiguous()) {
    const int64_t count = keys.size(0);
    // What lies behind the last key must not matter.
    keys_t = at::full({keys.size(1), padded<T>(count)}, 1e6, keys.options());
    keys_t.narrow(1, 0, count).copy_(keys.t());
  }
  KeyValueView<T> view() const {
    return {keys_t.const_data_ptr<T>(), keys_t.size(1), values.const_data_ptr<T>(), values.size(1),
            values.size(0)};
  }
  at::Tensor keys_t, values;
};

// One query per head against `count` keys, cut after `cut` of them (0: not cut).
template <class T>
Attended attend_in_parts(int64_t heads, int64_t size, int64_t count, int64_t cut) {
  const auto type = c10::CppTypeToScalarType<T>::value;
  const auto queries = random_tensor({heads, size}, 5, type);
  const auto keys = random_tensor({count, size}, 6, type);
  const auto values = random_tensor({count, size}, 7, type);
  const Cache<T> first(keys.narrow(0, 0, cut), values.narrow(0, 0, cut));
  const Cache<T> second(keys.narrow(0, cut, count - cut), values.narrow(0, cut, count - cut));
  std::vector<KeyValueView<T>> parts;
  if (cut > 0) parts.push_back(first.view());
  parts.push_back(second.view());
  Attended result{at::empty({heads, size}, queries.options()),
                  at::empty({heads}, queries.options())};
  std::vector<T> scores(static_cast<size_t>(heads * (padded<T>(count) + kLanes<T>)));
  attend<T>(queries.template const_data_ptr<T>(), size, heads, size, parts,
            T(1) / std::sqrt(static_cast<T>(size)), result.out.template data_ptr<T>(), size,
            scores.data(), result.log_sums.template data_ptr<T>());
  return result;
}

template <class T>
void check_parts() {
  for (const int64_t heads : {1, 2, 3, 4, 5, 7}) {
    for (const int64_t size : {8, 24, 64}) {
      for (const int64_t count : {2, 16, 33, 50}) {
        const auto whole = attend_in_parts<T>(heads, size, count, 0);
        bool same = true;
        for (int64_t cut = 1; cut < count; ++cut) {
          const auto parts = attend_in_parts<T>(heads, size, count, cut);
          same &= bit_equal(parts.out, whole.out) && bit_equal(parts.log_sums, whole.log_sums);
        }
        CHECK(same);
      }
    }
  }
}

TEST_CASE("attention: keys in two parts give the bits of keys in one part, wherever they are cut") {
  check_parts<float>();
  check_parts<double>();
}

TEST_CASE("attention: a decoded query has the bits of its row in a packed batch") {
  for (const AttentionShape& shape : shapes()) {
    const int64_t count = 21, size = shape.head_size, group = shape.group();
    const auto qkv = random_tensor({count, shape.qkv_width()}, 8, at::kFloat);
    const auto packed = forward<float>(qkv, shape, {0, count}).out;
    const auto heads = qkv.view({count, -1, size});
    bool same = true;
    for (int64_t k = 0; k < shape.key_heads; ++k) {
      const Cache<float> cache(heads.select(1, shape.query_heads + k),
                               heads.select(1, shape.query_heads + shape.key_heads + k));
      const auto view = cache.view();
      auto out = at::empty({group, size}, qkv.options());
      std::vector<float> scores(static_cast<size_t>(group * 64));
      attend<float>(heads[count - 1][k * group].const_data_ptr<float>(), size, group, size,
                    {&view, 1}, 1.0f / std::sqrt(static_cast<float>(size)), out.data_ptr<float>(),
                    size, scores.data(), nullptr);
      const auto row = packed[count - 1].narrow(0, k * group * size, group * size);
      same &= bit_equal(out.view(-1), row);
    }
    CHECK(same);
  }
}

TEST_CASE("attention: gradients are those of finite differences") {
  const std::vector<int64_t> offsets = {0, 1, 4, 13};
  for (const AttentionShape& shape :
       {AttentionShape{2, 2, 8}, AttentionShape{2, 1, 8}, AttentionShape{3, 1, 24},
        AttentionShape{4, 1, 8}, AttentionShape{10, 2, 2}}) {
    CAPTURE(shape.query_heads);
    const auto qkv = random_tensor({13, shape.qkv_width()}, 9);
    const auto dout = random_tensor({13, shape.out_width()}, 10);
    const auto loss = [&] { return (forward<double>(qkv, shape, offsets).out * dout).sum(); };
    const auto want = tests::central_differences(loss, qkv);
    CHECK(max_difference(backward(dout, qkv, shape, offsets), want) < 1e-8);
  }
}

TEST_CASE("attention: gradients are those of the plain twin at every shape") {
  for (const AttentionShape& shape : shapes()) {
    CAPTURE(shape.query_heads);
    CAPTURE(shape.head_size);
    const auto qkv = random_tensor({kOffsets.back(), shape.qkv_width()}, 11).requires_grad_(true);
    const auto dout = random_tensor({kOffsets.back(), shape.out_width()}, 12);
    const auto loss = [&] { return (plain(qkv, shape, kOffsets) * dout).sum(); };
    const auto want = tests::gradients(loss, {qkv})[0];
    CHECK(max_difference(backward(dout, qkv.detach(), shape, kOffsets), want) < 1e-12);
  }
}

TEST_CASE("attention: scores of any size give finite results") {
  const AttentionShape shape{2, 1, 8};
  const auto qkv = random_tensor({20, shape.qkv_width()}, 13, at::kFloat, 300.0);
  const auto out = forward<float>(qkv, shape, {0, 20}).out;
  CHECK(out.isfinite().all().item<bool>());
  const auto wide = plain(qkv.to(at::kDouble), shape, {0, 20});
  CHECK(tests::relative_difference(out, wide) < 0.02);  // rounding of scores near 1e5
}

}  // namespace
}  // namespace reckon::policy::kernels
