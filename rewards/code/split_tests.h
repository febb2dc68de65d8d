#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "rewards/code/specification.h"
#include "sandbox/sandbox.h"

namespace reckon::rewards::code {

/// Tests that were code, split into calls and expected values as far as their form allows.
struct SplitTests {
  Reason reason = Reason::passed;  ///< or `gold_unreadable`, `not_started`, `cancelled`
  std::string why;
  std::vector<TestCase> tests;
};

/// Remembers splits by the text of the tests, the latest few thousand. A split depends on nothing
/// else, so remembering changes no verdict. Thread-safe.
class SplitMemory {
 public:
  /// The split of `specification.unsplit`, made in a box of its own if it is not remembered.
  SplitTests split(sandbox::Sandbox& sandbox, const Specification& specification);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, SplitTests> known_;
  std::deque<std::string> order_;  // of their coming
};

}  // namespace reckon::rewards::code
