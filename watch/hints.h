#pragma once

#include <string>
#include <vector>

#include "watch/run_catalog.h"

namespace reckon::watch {

/// Something a person should know about a run, in plain language.
struct Hint {
  std::string level;  ///< `warning` or `info`
  std::string text;
  std::string link;  ///< the page of docs/ and the place on it that say what to do
};

/// When a hint is given. One table, so that the documentation can be held against it.
struct HintLimits {
  size_t window = 10;             ///< steps over which a state must last
  double no_signal = 0.9;         ///< share of samples in groups whose rewards are all equal
  double length_collapse = 0.4;   ///< of the longest mean length so far
  double entropy_floor = 0.02;    ///< nats
  double entropy_collapse = 0.1;  ///< of the first entropy
  double cut_off = 0.5;           ///< share of answers cut off
  double sampler_gap = 0.05;      ///< nats, of sampling_logp_difference/mean
  double near_stop = 0.5;         ///< of `mismatch_stop`, for mismatch_k3
  double default_stop = 0.01;     ///< `mismatch_stop` where the recipe does not say it
  size_t flat_window = 100;       ///< steps over which the reward did not move
  double flat_change = 0.01;      ///< difference of the means of both halves that is none
};

/// Looks at the newest stage that learns from rewards, and at whether the run lives. Warnings come
/// first.
std::vector<Hint> find_hints(const RunFolder& run, const RunSummary& summary, double now,
                             const HintLimits& limits = {});

}  // namespace reckon::watch
