#include "tests/rewards/code/real_sandbox.h"

#include <fmt/format.h>

#include <atomic>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/error.h"
#include "rewards/code/code_grader.h"

namespace reckon::tests {

std::unique_ptr<sandbox::Sandbox> real_sandbox() {
  try {
    return sandbox::make_sandbox({});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unsupported) throw;
    std::cout << "skipped: " << error.what() << "\n";
    return nullptr;
  }
}

std::vector<rewards::Verdict> grade_all(sandbox::Sandbox& sandbox,
                                        const std::vector<nlohmann::json>& requests,
                                        rewards::code::SplitMemory& memory) {
  std::vector<rewards::Verdict> verdicts(requests.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < requests.size(); i = next++) {
      verdicts[i] = rewards::grade_code(sandbox, requests[i], memory);
    }
  };
  std::thread other(work);
  work();
  other.join();
  return verdicts;
}

std::string show(const rewards::Verdict& verdict) {
  return fmt::format("{} {} [{}] {}", verdict.score ? fmt::format("{}", *verdict.score) : "none",
                     rewards::to_string(verdict.reason), verdict.gold, verdict.detail);
}

}  // namespace reckon::tests
