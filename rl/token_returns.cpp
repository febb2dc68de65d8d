#include "rl/token_returns.h"

#include <cmath>

#include "core/error.h"

namespace reckon::rl {
namespace {

constexpr double kDeviationEpsilon = 1e-4;

std::vector<double> returns_of(const ReturnSequence& sequence) {
  check(sequence.penalty.empty() || sequence.penalty.size() == sequence.length, ErrorCode::internal,
        "expected a penalty for each of {} tokens, got {}", sequence.length,
        sequence.penalty.size());
  std::vector<double> returns(sequence.length, *sequence.reward);
  double penalty = 0.0;
  for (size_t t = sequence.length; t-- > 0 && !sequence.penalty.empty();) {
    penalty += sequence.penalty[t];
    returns[t] -= penalty;
  }
  return returns;
}

}  // namespace

std::vector<std::vector<double>> reinforce_pp_advantages(
    std::span<const ReturnSequence> sequences) {
  std::vector<std::vector<double>> out;
  double count = 0.0, sum = 0.0, squares = 0.0;
  const auto for_each_counted = [&](auto body) {
    for (size_t i = 0; i < sequences.size(); ++i) {
      if (!sequences[i].reward || !sequences[i].in_loss) continue;
      for (const double value : out[i]) body(value);
    }
  };
  for (const ReturnSequence& sequence : sequences) {
    out.push_back(sequence.reward ? returns_of(sequence)
                                  : std::vector<double>(sequence.length, 0.0));
  }
  for_each_counted([&](double value) {
    count += 1.0;
    sum += value;
  });
  const double mean = count > 0.0 ? sum / count : 0.0;
  for_each_counted([&](double value) { squares += (value - mean) * (value - mean); });
  const double deviation = count > 1.0 ? std::sqrt(squares / (count - 1.0)) : 0.0;
  for (size_t i = 0; i < out.size(); ++i) {
    if (!sequences[i].reward) continue;
    for (double& value : out[i]) value = (value - mean) / (deviation + kDeviationEpsilon);
  }
  return out;
}

}  // namespace reckon::rl
