#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace reckon::rl {

/// One of the answers to a prompt.
struct Vote {
  std::string answer;  ///< canonical form, equal for equal answers; empty if it cannot be read
  bool correct = false;
};

/// Unbiased pass@k from c right answers out of n ≥ k (2107.03374): 1 - C(n-c, k)/C(n, k), as a
/// product of ratios.
double pass_at_k(int64_t n, int64_t c, int64_t k);

/// Score of the most frequent answer: 1 if it is right. A tie scores the share of the tied answers
/// that are right, so there is no draw. Votes that cannot be read do not count; without any other
/// the score is 0.
double majority_score(std::span<const Vote> votes);

/// cons@k, also called maj@k: the expected majority score of k of the votes. With more than k votes
/// it is the mean over 100 random subsets, which are the same whenever it is asked for this prompt.
double cons_at_k(std::span<const Vote> votes, int64_t k, uint32_t prompt);

/// 1, 2, 4, ... up to `num_samples`: the values of k where none are asked for.
std::vector<int64_t> powers_of_two(int64_t num_samples);

/// Throws `invalid_argument` that names `place` unless every k is 1 to `num_samples`.
void check_k(const std::vector<int64_t>& k, int64_t num_samples, const std::string& place);

}  // namespace reckon::rl
