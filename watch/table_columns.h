#pragma once

#include <vector>

#include "watch/exams.h"
#include "watch/stage_table.h"

namespace reckon::watch {

/// The columns of a stage table: of the first exam all that a reader compares, of the others
/// accuracy and rewards under the name of their stage.
std::vector<TableColumn> table_columns(const std::vector<Exam>& exams);

}  // namespace reckon::watch
