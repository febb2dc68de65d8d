#define PCRE2_CODE_UNIT_WIDTH 8
#include "policy/text/pattern.h"

#include <pcre2.h>

#include <array>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"
#include "policy/text/pattern_syntax.h"
#include "policy/text/tokenizer_files.h"

namespace reckon::policy {
namespace {

constexpr std::size_t kMaxPatternBytes = std::size_t{1} << 14;
// The expressions of the known models stay far below: they have no nested repeats.
constexpr std::uint32_t kMaxSteps = 10'000'000;
constexpr std::uint32_t kMaxHeapKilobytes = 256 * 1024;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Code = std::unique_ptr<pcre2_code, Deleter<pcre2_code_free>>;
using CompileContext = std::unique_ptr<pcre2_compile_context, Deleter<pcre2_compile_context_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Deleter<pcre2_match_context_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Deleter<pcre2_match_data_free>>;

PCRE2_SPTR units(std::string_view text) {
  // An empty view may have no address, which PCRE2 refuses.
  return reinterpret_cast<PCRE2_SPTR>(text.empty() ? "" : text.data());
}

std::string error_text(int code) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

}  // namespace

struct Pattern::Compiled {
  Code code;
  std::string place;
};

struct PatternSearch::State {
  MatchContext context;
  MatchData data;
};

Pattern Pattern::compile(const std::string& expression, const std::string& place) {
  const CompileContext context(pcre2_compile_context_create(nullptr));
  check(context != nullptr, ErrorCode::internal, "expected memory for a pattern, got none");
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  int error = 0;
  std::size_t where = 0;
  Code code(pcre2_compile(units(expression), expression.size(),
                          PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &error, &where,
                          context.get()));
  if (code == nullptr) {
    fail(ErrorCode::corrupt, "expected a regular expression, got one that is refused ({}), in {}",
         error_text(error), place);
  }
  // Without a compiler for this machine the interpreter matches, more slowly.
  pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);
  return Pattern(std::make_shared<const Compiled>(Compiled{std::move(code), place}));
}

Pattern Pattern::from_source(std::string_view source, const std::string& place) {
  check(source.size() <= kMaxPatternBytes, ErrorCode::corrupt,
        "expected a regular expression of at most {} bytes, got {} bytes, in {}", kMaxPatternBytes,
        source.size(), place);
  return compile(translate_pattern(source, place), place);
}

Pattern Pattern::from_literal(std::string_view text, const std::string& place) {
  check(!text.empty() && text.size() <= kMaxPatternBytes, ErrorCode::corrupt,
        "expected a text of 1 to {} bytes, got {} bytes, in {}", kMaxPatternBytes, text.size(),
        place);
  return compile(literal_pattern(text), place);
}

PatternSearch::PatternSearch(const Pattern& pattern)
    : compiled_(pattern.compiled_), state_(std::make_unique<State>()) {
  state_->context.reset(pcre2_match_context_create(nullptr));
  state_->data.reset(pcre2_match_data_create(1, nullptr));
  check(state_->context != nullptr && state_->data != nullptr, ErrorCode::internal,
        "expected memory for a search, got none");
  pcre2_set_match_limit(state_->context.get(), kMaxSteps);
  pcre2_set_heap_limit(state_->context.get(), kMaxHeapKilobytes);
}

PatternSearch::PatternSearch(PatternSearch&&) noexcept = default;
PatternSearch::~PatternSearch() = default;

void PatternSearch::start(std::string_view text) {
  text_ = text;
  from_ = 0;
  last_end_.reset();
}

std::optional<TextSpan> PatternSearch::next() {
  while (from_ <= text_.size()) {
    const auto match = [&](std::uint32_t options) {
      return pcre2_match(compiled_->code.get(), units(text_), text_.size(), from_, options,
                         state_->data.get(), state_->context.get());
    };
    int result = match(PCRE2_NO_UTF_CHECK);
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) result = match(PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT);
    if (result == PCRE2_ERROR_NOMATCH) {
      from_ = text_.size() + 1;
      return std::nullopt;
    }
    if (result < 0) {
      fail(ErrorCode::invalid_argument,
           "expected a text that the regular expression in {} cuts within {} steps, got {} ({})",
           compiled_->place, kMaxSteps, quote_text(text_), error_text(result));
    }
    const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(state_->data.get());
    const TextSpan span = {bounds[0], bounds[1]};
    if (span.begin == span.end && last_end_ == span.end) {
      from_ += from_ < text_.size() ? read_utf8(text_, from_).size : 1;
      continue;
    }
    from_ = span.end;
    last_end_ = span.end;
    return span;
  }
  return std::nullopt;
}

}  // namespace reckon::policy
