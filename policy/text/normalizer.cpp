#include "policy/text/normalizer.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "core/utf8.h"
#include "policy/text/tokenizer_files.h"
#include "policy/text/unicode_classes.h"

namespace reckon::policy {
namespace {

constexpr std::size_t kMaxSteps = 16;
constexpr int kMaxDepth = 8;
// No character below it changes in NFC, alone or beside others below it.
constexpr unsigned char kFirstChangingByte = 0xCC;

int combining_class(utf8proc_int32_t character) {
  return utf8proc_get_property(character)->combining_class;
}

// A stretch of text in decomposed characters, in canonical order when it is taken. The library's
// own ordering needs quadratic time on long runs of marks.
class Decomposed {
 public:
  void add(char32_t character) {
    std::array<utf8proc_int32_t, 8> parts{};
    int boundary = 0;
    const utf8proc_ssize_t size = utf8proc_decompose_char(
        static_cast<utf8proc_int32_t>(character), parts.data(),
        static_cast<utf8proc_ssize_t>(parts.size()),
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE), &boundary);
    check(size >= 0 && size <= static_cast<utf8proc_ssize_t>(parts.size()), ErrorCode::internal,
          "expected a decomposition, got error {}", size);
    characters_.insert(characters_.end(), parts.begin(), parts.begin() + size);
  }

  // Appends the text in UTF-8 to `out` and becomes empty.
  void flush(bool compose, std::string& out) {
    order();
    auto size = static_cast<utf8proc_ssize_t>(characters_.size());
    if (compose && size > 0) {
      size = utf8proc_normalize_utf32(
          characters_.data(), size,
          static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    }
    for (utf8proc_ssize_t i = 0; i < size; ++i) {
      std::array<utf8proc_uint8_t, 4> bytes{};
      const auto count =
          utf8proc_encode_char(characters_[static_cast<std::size_t>(i)], bytes.data());
      out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(count));
    }
    characters_.clear();
  }

 private:
  void order() {
    auto begin = characters_.begin();
    while (begin != characters_.end()) {
      const auto mark = [](utf8proc_int32_t c) { return combining_class(c) != 0; };
      begin = std::find_if(begin, characters_.end(), mark);
      const auto end = std::find_if_not(begin, characters_.end(), mark);
      std::stable_sort(begin, end, [](utf8proc_int32_t a, utf8proc_int32_t b) {
        return combining_class(a) < combining_class(b);
      });
      begin = end;
    }
  }

  std::vector<utf8proc_int32_t> characters_;
};

std::string normalize(std::string_view text, bool compose) {
  std::string out;
  out.reserve(text.size());
  Decomposed stretch;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    if (holds(unnormalized_characters(), step.character)) {
      stretch.flush(compose, out);
      out += text.substr(at, step.size);
    } else {
      stretch.add(step.character);
    }
    at += step.size;
  }
  stretch.flush(compose, out);
  return out;
}

bool is_certainly_nfc(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < kFirstChangingByte;
  });
}

}  // namespace

Normalizer Normalizer::read(const nlohmann::json& document, const std::string& file) {
  Normalizer result;
  const auto part = document.find("normalizer");
  if (part != document.end() && !part->is_null()) result.add(*part, file + "/normalizer", 0);
  return result;
}

void Normalizer::add(const nlohmann::json& part, const std::string& place, int depth) {
  const std::string& type = object_type(part, place);
  if (type == "NFC" || type == "NFD") {
    check(forms_.size() < kMaxSteps, ErrorCode::corrupt,
          "expected at most {} steps, got more, in {}", kMaxSteps, place);
    forms_.push_back(type == "NFC" ? Form::nfc : Form::nfd);
    return;
  }
  check(type == "Sequence" && depth < kMaxDepth, ErrorCode::unsupported,
        "expected NFC, NFD or a Sequence of them, got {}, which this program does not know, in {}",
        quote_text(type), place);
  const nlohmann::json& list = list_member(part, "normalizers", place);
  for (std::size_t i = 0; i < list.size(); ++i) {
    add(list[i], fmt::format("{}/normalizers/{}", place, i), depth + 1);
  }
}

std::string Normalizer::apply(std::string_view text) const {
  std::string result(text);
  for (const Form form : forms_) {
    if (form == Form::nfc && is_certainly_nfc(result)) continue;
    result = normalize(result, form == Form::nfc);
  }
  return result;
}

}  // namespace reckon::policy
