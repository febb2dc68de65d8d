#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/philox.h"

namespace reckon::tasks {

/// Three numbers in the order of the prompt, and the value to reach with each used once.
struct CountdownProblem {
  std::array<int, 3> numbers{};
  int target = 0;

  auto operator<=>(const CountdownProblem&) const = default;
};

/// `left sign right = value`; `sign` is one of `+ - *`.
struct CountdownOperation {
  int left = 0;
  char sign = '+';
  int right = 0;
  int value = 0;
};

/// A first operation on two of the numbers, and the three operations that can follow it with the
/// number that is left over.
struct CountdownBranch {
  CountdownOperation head;
  int rest = 0;
  /// In the order `+ - *`. Differences put the larger operand first, so no value is negative.
  std::array<CountdownOperation, 3> leaves;
};

/// One of the 27 candidates, by its place in the canonical order.
struct CountdownLeaf {
  int branch = 0;  // 0 to 8
  int leaf = 0;    // 0 to 2

  bool operator==(const CountdownLeaf&) const = default;
};

inline constexpr int kCountdownBranches = 9;

/// The nine branches in canonical order: the pairs (1st, 2nd), (1st, 3rd), (2nd, 3rd), and for each
/// the operators `+ - *`.
std::array<CountdownBranch, kCountdownBranches> countdown_branches(
    const std::array<int, 3>& numbers);

/// Every leaf that equals the target, in canonical order; empty if it cannot be reached.
std::vector<CountdownLeaf> countdown_solutions(const CountdownProblem& problem);

enum class CountdownDifficulty { easy, medium, hard };

/// From the first branch that holds a solution: 1-3 easy, 4-6 medium, 7-9 hard. Throws
/// `invalid_argument` if the target cannot be reached.
CountdownDifficulty countdown_difficulty(const CountdownProblem& problem);

/// "easy", "medium" or "hard".
std::string_view difficulty_name(CountdownDifficulty difficulty);

/// Which use a problem is kept for. The three are disjoint.
enum class CountdownSplit { pretraining, rl, held_out };

/// The split of what a text stands for, by a hash. Expected shares: 69 %, 21 %, 10 %.
CountdownSplit split_of(std::string_view text);

/// The split of a problem, from a hash of its sorted numbers and target: all six orders of the
/// numbers are in the same one.
CountdownSplit countdown_split(const CountdownProblem& problem);

/// The prompt as words: `<bos> a b c target T`.
std::string countdown_prompt(const CountdownProblem& problem);

/// Ranges of the generated problems. Numbers are 1 to `max_number`, all different.
struct CountdownRange {
  int max_number = 12;
  int min_target = 10;
  int max_target = 50;
};

/// All solvable problems of a range, indexed for drawing. Immutable: threads may share it.
class CountdownSpace {
 public:
  /// Throws `invalid_argument` that names `place` if the range holds no problem.
  explicit CountdownSpace(const CountdownRange& range, std::string_view place = "the range");

  /// Every problem of the space with every order of its numbers, ascending.
  std::vector<CountdownProblem> problems() const;

  /// The first `count` problems of the fixed held-out list of this range, without duplicates; the
  /// same in every run. There must be so many.
  std::vector<CountdownProblem> held_out(uint64_t count) const;

  /// Draws three different numbers uniformly, then a target uniformly over the different values
  /// they reach (not over the leaves: that would favour targets with many solutions); draws
  /// everything again until `wanted(problem)` is true. At least one problem must be wanted.
  template <class Wanted>
  CountdownProblem draw(RandomSequence& random, const Wanted& wanted) const {
    for (;;) {
      const CountdownProblem problem = draw_any(random);
      if (wanted(problem)) return problem;
    }
  }

 private:
  struct Triple {
    std::array<int, 3> numbers;
    std::vector<int> targets;  // reachable, ascending, without duplicates
  };

  CountdownProblem draw_any(RandomSequence& random) const;

  std::vector<Triple> triples_;  // every ordered triple that reaches a target, ascending
};

}  // namespace reckon::tasks
