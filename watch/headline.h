#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "watch/run_folder.h"

namespace reckon::watch {

/// An evaluation with its place on the step axis.
struct CurvePoint {
  int64_t step = 0;  ///< optimizer steps, those of earlier stages of the axis added
  const Evaluation* evaluation = nullptr;  ///< points into the `RunFolder`
};

/// A number with its 95 % interval, where one was recorded.
struct Measurement {
  int64_t step = 0;
  double value = 0.0;
  std::optional<double> low;
  std::optional<double> high;
};

/// The same number before and after training.
struct Change {
  Measurement before;
  Measurement after;
};

/// What a run is about in a few numbers, all measured on `data`.
struct Headline {
  std::string data;
  std::optional<Change> accuracy;         ///< sampled, share
  std::optional<Change> accuracy_greedy;  ///< share
  std::optional<Change> mean_length;      ///< tokens
  std::optional<Change> retries;          ///< `reflection/wait` per answer
};

/// The sampled evaluations on the held-out data during reinforcement learning, in order; the last
/// one before it stands at step 0 where that step was not evaluated. A run without reinforcement
/// learning gives those of its last evaluated stage. The points live as long as `run`.
std::vector<CurvePoint> held_out_curve(const RunFolder& run);

/// First and last point of `held_out_curve`. All empty where nothing was evaluated.
Headline headline(const RunFolder& run);

/// The value of `key` at a point, with the interval under `key + "_interval"`.
std::optional<Measurement> measure(const CurvePoint& point, const std::string& key);

}  // namespace reckon::watch
