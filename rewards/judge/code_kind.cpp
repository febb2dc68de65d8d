#include "rewards/code/code_grader.h"
#include "rewards/judge/kind_handlers.h"

namespace reckon::rewards {

Verdict grade_code_request(sandbox::Sandbox& sandbox, const nlohmann::json& request) {
  Verdict verdict = grade_code(sandbox, request);
  // The machine, not the program, failed: it may have been a moment's shortage.
  if (verdict.reason == Reason::not_started) verdict = grade_code(sandbox, request);
  return verdict;
}

}  // namespace reckon::rewards
