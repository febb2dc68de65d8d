#include "rewards/user_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>

#include "core/error.h"

namespace reckon::rewards {

namespace {

constexpr uint32_t kMaxSteps = 2'000'000;
constexpr uint32_t kMaxDepth = 100'000;
constexpr uint32_t kMaxHeapKib = 64 << 10;

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace

struct UserPattern::Compiled {
  std::unique_ptr<pcre2_code, Free<pcre2_code_free>> code;
  std::unique_ptr<pcre2_match_context, Free<pcre2_match_context_free>> limits;
  int answer = 0;  ///< the group; 0 if there is none
};

UserPattern::UserPattern(const std::string& pattern) : compiled_(std::make_unique<Compiled>()) {
  int error = 0;
  size_t offset = 0;
  constexpr uint32_t kOptions =
      PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
  compiled_->code.reset(
      pcre2_compile(bytes_of(pattern), pattern.size(), kOptions, &error, &offset, nullptr));
  if (!compiled_->code) {
    std::array<unsigned char, 200> text{};
    pcre2_get_error_message(error, text.data(), text.size());
    fail(ErrorCode::invalid_argument,
         "expected a regular expression, got one with a fault at byte {}: {}", offset,
         reinterpret_cast<const char*>(text.data()));
  }
  compiled_->limits.reset(pcre2_match_context_create(nullptr));
  pcre2_set_match_limit(compiled_->limits.get(), kMaxSteps);
  pcre2_set_depth_limit(compiled_->limits.get(), kMaxDepth);
  pcre2_set_heap_limit(compiled_->limits.get(), kMaxHeapKib);
  uint32_t groups = 0;
  pcre2_pattern_info(compiled_->code.get(), PCRE2_INFO_CAPTURECOUNT, &groups);
  const int named = pcre2_substring_number_from_name(compiled_->code.get(), bytes_of("answer"));
  compiled_->answer = named > 0 ? named : groups > 0 ? 1 : 0;
}

UserPattern::~UserPattern() = default;
UserPattern::UserPattern(UserPattern&&) noexcept = default;

bool UserPattern::has_answer() const { return compiled_->answer > 0; }

Verdict UserPattern::grade(std::string_view text, std::string_view gold) const {
  Verdict verdict;
  const auto set = [&](Reason reason) {
    verdict.reason = reason;
    verdict.score = score_of(reason);
    return verdict;
  };
  if (has_answer()) verdict.gold = trimmed(gold);
  const std::unique_ptr<pcre2_match_data, Free<pcre2_match_data_free>> match(
      pcre2_match_data_create_from_pattern(compiled_->code.get(), nullptr));
  const int found = pcre2_match(compiled_->code.get(), bytes_of(text), text.size(), 0, 0,
                                match.get(), compiled_->limits.get());
  if (found == PCRE2_ERROR_NOMATCH) return set(Reason::no_answer);
  if (found < 0) return set(Reason::guard);
  const size_t* ends = pcre2_get_ovector_pointer(match.get());
  const auto group = static_cast<size_t>(compiled_->answer);
  const bool taken = static_cast<int>(group) < found && ends[2 * group] != PCRE2_UNSET;
  if (!taken) return set(Reason::no_answer);
  // \K can put the begin of a match behind its end.
  const size_t begin = ends[2 * group], end = ends[2 * group + 1];
  verdict.extracted = end > begin ? trimmed(text.substr(begin, end - begin)) : "";
  if (!has_answer()) return set(Reason::passed);
  return set(verdict.extracted == verdict.gold ? Reason::equal_text : Reason::different);
}

}  // namespace reckon::rewards
