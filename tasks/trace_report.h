#pragma once

namespace reckon::tasks {

/// What a completion did inside its thought, for diagnosis only: no reward ever sees it.
struct TraceReport {
  /// `direct`: nothing between `<think>` and `</think>`. `found`: the thought holds the word `yes`
  /// or its translation. `give_up`: everything else, cut off searches among them.
  enum Mode { direct, give_up, found };

  Mode mode = give_up;
  /// Occurrences of the word `wait`, or its translation, in the completion.
  int waits = 0;
  /// A `yes` that is not deserved (wrong arithmetic, numbers that are not there, or a value that is
  /// not the target), or a wrong answer after a `yes`.
  bool false_yes = false;
  /// Branches begun in the thought.
  int branches = 0;
};

}  // namespace reckon::tasks
