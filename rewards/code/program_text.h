#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rewards/verdict.h"
#include "sandbox/sandbox.h"

namespace reckon::rewards::code {

/// Which part of a completion is looked at (option `region`).
enum class Region : uint8_t { after_think, answer_tag, whole };

/// The program that a completion holds, or why there is none (`no_region`, `no_answer`).
struct ProgramText {
  std::string text = {};
  bool found = false;
  Reason failure = Reason::no_answer;
};

/// The last fenced block of the region, if its tag fits `language` or it has none; blocks of other
/// languages behind it are passed over. A last fence that is never closed is no answer, whatever
/// stands before it. `think_prefilled`: the prompt opened <think>. Linear in the text, never
/// throws, thread-safe.
ProgramText find_program(std::string_view completion, sandbox::Language language, Region region,
                         bool think_prefilled);

}  // namespace reckon::rewards::code
