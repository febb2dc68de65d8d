#include <map>
#include <memory>
#include <string>

#include "rewards/math/math.h"

namespace reckon::rewards::math {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The answer within the text of a gold: what its box holds, what follows its ####, or all of it.
std::string_view gold_answer(std::string_view gold) {
  MathOptions options;
  options.region = Region::whole;
  const bool boxed = gold.find("\\boxed") != std::string_view::npos ||
                     gold.find("\\fbox") != std::string_view::npos;
  if (!boxed && gold.find("####") == std::string_view::npos) return trimmed(gold);
  options.style = boxed ? Style::boxed : Style::hash;
  const Extraction found = extract(gold, options);
  return found.found ? trimmed(found.text) : std::string_view();
}

/// A gold is graded against many answers: the last few hundred of a thread are kept as they were
/// read. What is kept is a function of the text alone, so no verdict depends on it.
std::shared_ptr<const ReadResult> read_gold(std::string_view text, const ReadOptions& options) {
  constexpr size_t kKept = 512;
  constexpr size_t kKeptBytes = 256;
  if (text.size() > kKeptBytes) {
    return std::make_shared<const ReadResult>(read_answer(text, options));
  }
  thread_local std::map<std::string, std::shared_ptr<const ReadResult>, std::less<>> kept[2];
  auto& own = kept[options.decimal_comma ? 1 : 0];
  const auto it = own.find(text);
  if (it != own.end()) return it->second;
  if (own.size() >= kKept) own.clear();
  auto result = std::make_shared<const ReadResult>(read_answer(text, options));
  own.emplace(std::string(text), result);
  return result;
}

Verdict failure(Reason reason, std::string_view extracted, std::string_view gold,
                std::string detail) {
  return {score_of(reason), reason, std::string(extracted), std::string(gold), std::move(detail)};
}

std::string how(const Verdict& verdict) {
  switch (verdict.reason) {
    case Reason::percent_mismatch:
      return "the answer shows percent and the gold does not";
    case Reason::unit_mismatch:
      return "the units differ";
    case Reason::not_evaluated:
      return "the answer is not worked out";
    case Reason::guard:
      return "the answer's value is larger than the grader computes";
    case Reason::unreadable:
      return "the answer has no value";
    case Reason::gold_unreadable:
      return "the gold's value cannot be computed";
    default:
      return {};
  }
}

}  // namespace

Verdict grade_answer(std::string_view answer, std::string_view gold, const MathOptions& options) {
  const std::string_view text = trimmed(answer);
  const std::string_view gold_text = gold_answer(gold);
  const std::shared_ptr<const ReadResult> g = read_gold(gold_text, options.read);
  if (!g->ok()) {
    return failure(Reason::gold_unreadable, text, gold_text,
                   "the gold: " + std::string(to_string(g->failure)));
  }
  const ReadResult p = read_answer(text, options.read);
  if (!p.ok()) return failure(p.failure, text, gold_text, {});
  Verdict verdict = decide(g->readings, p.readings, options.equality);
  verdict.extracted = std::string(text);
  verdict.gold = std::string(gold_text);
  verdict.detail = how(verdict);
  return verdict;
}

Verdict grade_completion(std::string_view completion, std::string_view gold,
                         const MathOptions& options) {
  const Extraction found = extract(completion, options);
  if (found.found) return grade_answer(found.text, gold, options);
  // A gold that cannot be read pays nothing, whatever the completion is.
  const std::string_view gold_text = gold_answer(gold);
  const std::shared_ptr<const ReadResult> g = read_gold(gold_text, options.read);
  const Reason reason = g->ok() ? found.failure : Reason::gold_unreadable;
  return failure(reason, {}, gold_text, {});
}

}  // namespace reckon::rewards::math
