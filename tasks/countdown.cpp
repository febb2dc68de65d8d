#include "tasks/countdown.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/hash.h"

namespace reckon::tasks {

namespace {

constexpr std::array<char, 3> kSigns = {'+', '-', '*'};

CountdownOperation operate(int left, char sign, int right) {
  if (sign == '-' && left < right) std::swap(left, right);
  const int value = sign == '+' ? left + right : sign == '-' ? left - right : left * right;
  return {left, sign, right, value};
}

}  // namespace

std::array<CountdownBranch, kCountdownBranches> countdown_branches(
    const std::array<int, 3>& numbers) {
  // The pair of a branch and, last, the place of the number left over.
  constexpr std::array<std::array<size_t, 3>, 3> kPairs = {{{0, 1, 2}, {0, 2, 1}, {1, 2, 0}}};
  std::array<CountdownBranch, kCountdownBranches> branches;
  for (size_t i = 0; i < branches.size(); ++i) {
    const auto& [first, second, left_over] = kPairs[i / 3];
    CountdownBranch& branch = branches[i];
    branch.head = operate(numbers[first], kSigns[i % 3], numbers[second]);
    branch.rest = numbers[left_over];
    for (size_t leaf = 0; leaf < 3; ++leaf) {
      branch.leaves[leaf] = operate(branch.head.value, kSigns[leaf], branch.rest);
    }
  }
  return branches;
}

std::vector<CountdownLeaf> countdown_solutions(const CountdownProblem& problem) {
  const auto branches = countdown_branches(problem.numbers);
  std::vector<CountdownLeaf> solutions;
  for (int branch = 0; branch < kCountdownBranches; ++branch) {
    for (int leaf = 0; leaf < 3; ++leaf) {
      const auto& operation =
          branches[static_cast<size_t>(branch)].leaves[static_cast<size_t>(leaf)];
      if (operation.value == problem.target) solutions.push_back({branch, leaf});
    }
  }
  return solutions;
}

CountdownDifficulty countdown_difficulty(const CountdownProblem& problem) {
  const std::vector<CountdownLeaf> solutions = countdown_solutions(problem);
  check(!solutions.empty(), ErrorCode::invalid_argument,
        "expected a target that {}, {} and {} reach, got {}", problem.numbers[0],
        problem.numbers[1], problem.numbers[2], problem.target);
  return static_cast<CountdownDifficulty>(solutions.front().branch / 3);
}

std::string_view difficulty_name(CountdownDifficulty difficulty) {
  switch (difficulty) {
    case CountdownDifficulty::easy:
      return "easy";
    case CountdownDifficulty::medium:
      return "medium";
    case CountdownDifficulty::hard:
      return "hard";
  }
  fail(ErrorCode::internal, "expected a difficulty, got {}", static_cast<int>(difficulty));
}

CountdownSplit split_of(std::string_view text) {
  const uint64_t byte = mix64(fnv1a(text)) & 0xff;
  if (byte < 26) return CountdownSplit::held_out;
  if (byte < 80) return CountdownSplit::rl;
  return CountdownSplit::pretraining;
}

CountdownSplit countdown_split(const CountdownProblem& problem) {
  std::array<int, 3> sorted = problem.numbers;
  std::sort(sorted.begin(), sorted.end());
  return split_of(fmt::format("{},{},{}|{}", sorted[0], sorted[1], sorted[2], problem.target));
}

std::string countdown_prompt(const CountdownProblem& problem) {
  return fmt::format("<bos> {} {} {} target {}", problem.numbers[0], problem.numbers[1],
                     problem.numbers[2], problem.target);
}

CountdownSpace::CountdownSpace(const CountdownRange& range, std::string_view place) {
  for (int a = 1; a <= range.max_number; ++a) {
    for (int b = 1; b <= range.max_number; ++b) {
      for (int c = 1; c <= range.max_number; ++c) {
        if (a == b || a == c || b == c) continue;
        Triple triple{{a, b, c}, {}};
        for (const CountdownBranch& branch : countdown_branches(triple.numbers)) {
          for (const CountdownOperation& leaf : branch.leaves) {
            if (leaf.value < range.min_target || leaf.value > range.max_target) continue;
            triple.targets.push_back(leaf.value);
          }
        }
        std::sort(triple.targets.begin(), triple.targets.end());
        triple.targets.erase(std::unique(triple.targets.begin(), triple.targets.end()),
                             triple.targets.end());
        if (!triple.targets.empty()) triples_.push_back(std::move(triple));
      }
    }
  }
  check(!triples_.empty(), ErrorCode::invalid_argument,
        "expected a range that holds problems, got numbers up to {} and targets {} to {}, in {}",
        range.max_number, range.min_target, range.max_target, place);
}

std::vector<CountdownProblem> CountdownSpace::problems() const {
  std::vector<CountdownProblem> problems;
  for (const Triple& triple : triples_) {
    for (const int target : triple.targets) problems.push_back({triple.numbers, target});
  }
  return problems;
}

std::vector<CountdownProblem> CountdownSpace::held_out(uint64_t count) const {
  const auto is_held_out = [](const CountdownProblem& problem) {
    return countdown_split(problem) == CountdownSplit::held_out;
  };
  // A seed of its own, so that the list is the same in every run.
  RandomSequence random(RandomStream({0, 0, Purpose::eval, 0}), 0, 0);
  std::set<CountdownProblem> taken;
  std::vector<CountdownProblem> problems;
  while (problems.size() < count) {
    const CountdownProblem problem = draw(random, is_held_out);
    if (taken.insert(problem).second) problems.push_back(problem);
  }
  return problems;
}

CountdownProblem CountdownSpace::draw_any(RandomSequence& random) const {
  const Triple& triple = triples_[random.next_below(static_cast<uint32_t>(triples_.size()))];
  const uint32_t which = random.next_below(static_cast<uint32_t>(triple.targets.size()));
  return {triple.numbers, triple.targets[which]};
}

}  // namespace reckon::tasks
