#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "watch/run_folder.h"

namespace reckon::watch {

/// Six significant digits: more than a plot shows, and a third of the size. Null where the value is
/// not finite.
nlohmann::json number_json(double value);
/// The same; null where there is none.
nlohmann::json number_json(const std::optional<double>& value);

/// The stages of a run as both pages read them.
nlohmann::json stages_json(const RunFolder& run);

/// One evaluation as both pages read it.
nlohmann::json evaluation_json(const Evaluation& evaluation);

}  // namespace reckon::watch
