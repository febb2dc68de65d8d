#include "rl/pass_at_k.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/philox.h"

namespace reckon::rl {
namespace {

constexpr uint32_t kSubsets = 100;

}  // namespace

double pass_at_k(int64_t n, int64_t c, int64_t k) {
  if (n - c < k) return 1.0;
  double none = 1.0;
  for (int64_t i = 0; i < k; ++i) {
    none *= static_cast<double>(n - c - i) / static_cast<double>(n - i);
  }
  return 1.0 - none;
}

double majority_score(std::span<const Vote> votes) {
  struct Class {
    int64_t size = 0;
    bool correct = false;
  };
  std::map<std::string_view, Class> classes;
  int64_t largest = 0;
  for (const Vote& vote : votes) {
    if (vote.answer.empty()) continue;
    Class& members = classes[vote.answer];
    members.correct = members.correct || vote.correct;
    largest = std::max(largest, ++members.size);
  }
  double tied = 0.0, right = 0.0;
  for (const auto& [answer, members] : classes) {
    if (members.size != largest) continue;
    tied += 1.0;
    right += members.correct ? 1.0 : 0.0;
  }
  return tied > 0.0 ? right / tied : 0.0;
}

double cons_at_k(std::span<const Vote> votes, int64_t k, uint32_t prompt) {
  const auto size = static_cast<size_t>(k);
  if (votes.size() <= size) return majority_score(votes);
  // Step 1 keeps these draws apart from those of the confidence intervals.
  const RandomStream stream({0, 0, Purpose::bootstrap, 1});
  std::vector<Vote> order(votes.begin(), votes.end());
  double sum = 0.0;
  for (uint32_t subset = 0; subset < kSubsets; ++subset) {
    RandomSequence random(stream, subset, prompt);
    std::copy(votes.begin(), votes.end(), order.begin());
    for (size_t i = 0; i < size; ++i) {
      const uint32_t rest = static_cast<uint32_t>(order.size() - i);
      std::swap(order[i], order[i + random.next_below(rest)]);
    }
    sum += majority_score(std::span(order).first(size));
  }
  return sum / kSubsets;
}

std::vector<int64_t> powers_of_two(int64_t num_samples) {
  std::vector<int64_t> powers;
  for (int64_t k = 1; k <= num_samples; k *= 2) powers.push_back(k);
  return powers;
}

void check_k(const std::vector<int64_t>& k, int64_t num_samples, const std::string& place) {
  for (const int64_t value : k) {
    check(value >= 1 && value <= num_samples, ErrorCode::invalid_argument,
          "expected 1 to {} (the number of samples), got {}, in {}", num_samples, value, place);
  }
}

}  // namespace reckon::rl
