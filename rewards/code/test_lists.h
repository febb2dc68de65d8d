#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rewards/code/test_case.h"
#include "rewards/code/value.h"

namespace reckon::rewards::code {

/// What holds for all cases of a list.
struct ListContext {
  std::string entry = {};  ///< function that a case without `fn_name` calls; may be empty
  bool tuple_as_list = true;
  /// The JSON went through a reader that makes doubles of integers beyond 64 bits.
  bool inexact = false;
};

/// The test that one case {input, output, type, fn_name} states; on a fault nothing, and why in
/// `fault`.
std::optional<TestCase> read_case(const JsonTree& tree, const ListContext& context,
                                  std::string& fault);

}  // namespace reckon::rewards::code
