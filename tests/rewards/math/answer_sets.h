#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace reckon::rewards::math {

/// The answers of a set of problems, in the order of its files.
struct AnswerSet {
  std::string name;
  std::vector<std::string> answers;
};

/// The sets "math" and "gsm8k", train and test, below the folder `data`; none if it is not there.
std::vector<AnswerSet> load_answer_sets(const std::string& data);

/// What a cross-check found: how many pairs of answers of different problems were graded, and the
/// pairs of texts that were accepted, with the reason of the verdict and how often each came up.
struct CrossCheck {
  uint64_t pairs = 0;
  std::map<std::pair<std::string, std::string>, std::pair<std::string, int>> accepted;
};

/// Grades `count` pairs, drawn with a fixed seed, of answers of one set that are written
/// differently.
CrossCheck cross_check(const AnswerSet& set, uint64_t count);

}  // namespace reckon::rewards::math
