#include "policy/ops.h"
#include "policy/model_config_rope.h"

#include <doctest/doctest.h>

#include "tests/policy/gradients.h"
#include "tests/policy/random_tensor.h"
#include "tests/policy/thread_count.h"

namespace reckon::policy {
namespace {

using tests::random_tensor;

at::Tensor leaf(at::IntArrayRef shape, uint32_t seed) {
  return random_tensor(shape, seed).requires_grad_(true);
}

// An operator, its plain twin, and the tensors both read.
struct Twins {
  std::function<at::Tensor()> fast, plain;
  std::vector<at::Tensor> inputs;
  std::function<void()> changed = {};  // called when an input has other values
};

// Values and gradients of both agree, and the gradients are those of central differences.
void check_twins(const Twins& twins) {
  const auto value = twins.fast();
  CHECK(tests::relative_difference(value, twins.plain()) < 1e-13);
  const auto upstream = random_tensor(value.sizes(), 99);
  const tests::Loss fast = [&] { return (twins.fast() * upstream).sum(); };
  const tests::Loss plain = [&] { return (twins.plain() * upstream).sum(); };
  const auto got = tests::gradients(fast, twins.inputs);
  const auto want = tests::gradients(plain, twins.inputs);
  for (size_t i = 0; i < twins.inputs.size(); ++i) {
    CAPTURE(i);
    CHECK(tests::relative_difference(got[i], want[i]) < 1e-12);
    const auto measured = tests::central_differences(fast, twins.inputs[i], twins.changed);
    CHECK(tests::relative_difference(got[i], measured) < 1e-7);
  }
  const tests::ThreadCount one(1);
  CHECK(tests::bit_equal(twins.fast(), value));
  const auto single = tests::gradients(fast, twins.inputs);
  for (size_t i = 0; i < got.size(); ++i) CHECK(tests::bit_equal(single[i], got[i]));
}

TEST_CASE("ops: rows of the embedding are chosen, and repeated ids add up their gradients") {
  const auto weight = leaf({7, 37}, 1);
  const auto ids = at::tensor({3, 0, 3, 6, 3, 0}, at::kLong);
  check_twins({.fast = [&] { return embed(ids, weight); },
               .plain = [&] { return weight.index_select(0, ids); },
               .inputs = {weight}});
}

TEST_CASE("ops: the norm agrees with its twin and its differences") {
  const auto x = leaf({19, 13}, 1), weight = leaf({13}, 2);
  check_twins({.fast = [&] { return rms_norm(x, weight, 1e-3); },
               .plain = [&] { return reference::rms_norm(x, weight, 1e-3); },
               .inputs = {x, weight}});
}

struct Projection {
  Projection(int64_t outputs, int64_t inputs, bool bias) {
    linear.weight = leaf({outputs, inputs}, 3);
    if (bias) linear.bias = leaf({outputs}, 4);
    linear.repack();
  }
  Linear linear;
};

TEST_CASE("ops: projections agree with their twins, with and without bias and residual") {
  for (const bool bias : {false, true}) {
    for (const bool residual : {false, true}) {
      CAPTURE(bias);
      CAPTURE(residual);
      Projection projection(35, 13, bias);
      const Linear& linear = projection.linear;
      const auto x = leaf({9, 13}, 1);
      const auto added = residual ? leaf({9, 35}, 2) : at::Tensor();
      std::vector<at::Tensor> inputs = {x, linear.weight};
      if (bias) inputs.push_back(linear.bias);
      if (residual) inputs.push_back(added);
      check_twins({.fast = [&] { return project(x, linear, added); },
                   .plain = [&] { return reference::project(x, linear, added); },
                   .inputs = inputs,
                   .changed = [&] { projection.linear.repack(); }});
    }
  }
}

TEST_CASE("ops: adapters change their rows of a frozen projection and are trained through it") {
  for (const bool residual : {false, true}) {
    Projection projection(35, 13, true);
    Linear& linear = projection.linear;
    linear.weight.requires_grad_(false);
    linear.adapter_scale = 0.7;
    linear.adapters = {{0, leaf({3, 13}, 5), leaf({20, 3}, 6)},
                       {28, leaf({2, 13}, 7), leaf({7, 2}, 8)}};
    linear.repack();
    const auto x = leaf({9, 13}, 1);
    const auto added = residual ? leaf({9, 35}, 2) : at::Tensor();
    std::vector<at::Tensor> inputs = {x, linear.bias};
    for (const LowRankPart& part : linear.adapters) {
      inputs.push_back(part.a);
      inputs.push_back(part.b);
    }
    check_twins({.fast = [&] { return project(x, linear, added); },
                 .plain = [&] { return reference::project(x, linear, added); },
                 .inputs = inputs,
                 .changed = [&] { linear.repack(); }});
    CHECK(tests::relative_difference(project(x, linear).detach() - linear.bias.detach(),
                                     x.detach().mm(linear.merged_weight().t())) < 1e-13);
  }
}

TEST_CASE("ops: gradients are added to the buffers that an optimizer has bound") {
  Projection projection(5, 3, true);
  Linear& linear = projection.linear;
  const auto x = leaf({4, 3}, 1), upstream = random_tensor({4, 5}, 2);
  const auto want = tests::gradients([&] { return (project(x, linear) * upstream).sum(); },
                                     {linear.weight, linear.bias});
  linear.weight.mutable_grad() = at::ones({5, 3}, at::kDouble);
  linear.bias.mutable_grad() = at::ones({5}, at::kDouble);
  const auto buffer = linear.weight.grad();
  (project(x, linear) * upstream).sum().backward();
  CHECK(tests::relative_difference(buffer, want[0] + 1) < 1e-14);
  CHECK(tests::relative_difference(linear.bias.grad(), want[1] + 1) < 1e-14);
}

TEST_CASE("ops: a projection leaves its residual unchanged") {
  Projection projection(5, 3, false);
  const auto x = leaf({4, 3}, 1), residual = random_tensor({4, 5}, 2);
  const auto before = residual.clone();
  project(x, projection.linear, residual);
  CHECK(tests::bit_equal(residual, before));
}

TEST_CASE("ops: query and key heads are normed, values pass") {
  const kernels::AttentionShape shape{4, 2, 6};
  const auto qkv = leaf({5, shape.qkv_width()}, 1), query = leaf({6}, 2), key = leaf({6}, 3);
  check_twins({.fast = [&] { return qk_norm(qkv, query, key, shape, 1e-3); },
               .plain = [&] { return reference::qk_norm(qkv, query, key, shape, 1e-3); },
               .inputs = {qkv, query, key}});
  const auto normed = qk_norm(qkv, query, key, shape, 1e-3);
  CHECK(tests::bit_equal(normed.narrow(1, 36, 12), qkv.narrow(1, 36, 12)));
}

RopeTable table_of(int64_t positions, int64_t head_dim, double theta, at::ScalarType type) {
  return make_rope_table(positions, rope_frequencies(head_dim, theta, {}), 1.0, type);
}

TEST_CASE("ops: rotary attention of packed sequences agrees with its twin") {
  const std::vector<int64_t> offsets = {0, 4, 5, 9};
  for (const auto& shape : {kernels::AttentionShape{4, 2, 8}, kernels::AttentionShape{3, 1, 24}}) {
    const auto rope = table_of(16, shape.head_size, 100.0, at::kDouble);
    const auto qkv = leaf({9, shape.qkv_width()}, 1);
    check_twins({.fast = [&] { return rope_attention(qkv, rope, shape, offsets); },
                 .plain = [&] { return reference::rope_attention(qkv, rope, shape, offsets); },
                 .inputs = {qkv}});
  }
}

TEST_CASE("ops: rotary attention behind another operator keeps the gradient, a leaf its values") {
  const kernels::AttentionShape shape{2, 1, 8};
  const auto rope = table_of(8, 8, 100.0, at::kDouble);
  const auto qkv = leaf({6, shape.qkv_width()}, 1);
  const auto before = qkv.detach().clone();
  check_twins({.fast =
                   [&] {
                     return rope_attention(qkv * 2, rope, shape, {0, 6});
                   },
               .plain =
                   [&] {
                     return reference::rope_attention(qkv * 2, rope, shape, {0, 6});
                   },
               .inputs = {qkv}});
  rope_attention(qkv, rope, shape, {0, 6});
  CHECK(tests::bit_equal(qkv, before));
}

TEST_CASE("ops: gated units agree with their twin") {
  const auto gate_up = leaf({19, 2 * 21}, 1);
  check_twins({.fast = [&] { return swiglu(gate_up); },
               .plain = [&] { return reference::swiglu(gate_up); },
               .inputs = {gate_up}});
}

TEST_CASE("ops: rotary tables hold the angles of RoFormer, whatever their length") {
  const auto table = table_of(300, 24, 5000.0, at::kDouble);
  CHECK(table.cosine.sizes() == at::IntArrayRef({300, 12}));
  for (const int64_t position : {0, 1, 7, 299}) {
    for (const int64_t i : {0, 1, 11}) {
      const double pair = static_cast<double>(i);
      const double angle = static_cast<double>(position) * std::pow(5000.0, -2.0 * pair / 24.0);
      CHECK(table.cosine[position][i].item<double>() == doctest::Approx(std::cos(angle)));
      CHECK(table.sine[position][i].item<double>() == doctest::Approx(std::sin(angle)));
    }
  }
  for (const int64_t head_dim : {8, 10, 24, 64}) {
    const auto shorter = table_of(77, head_dim, 5000.0, at::kFloat);
    const auto longer = table_of(512, head_dim, 5000.0, at::kFloat);
    CHECK(tests::bit_equal(longer.cosine.narrow(0, 0, 77), shorter.cosine));
    CHECK(tests::bit_equal(longer.sine.narrow(0, 0, 77), shorter.sine));
  }
}

}  // namespace
}  // namespace reckon::policy
