#include "policy/text/post_processor.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "policy/text/tokenizer_files.h"

namespace reckon::policy {
namespace {

using Json = nlohmann::json;
using Ids = std::vector<std::int32_t>;

constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxAdded = 1024;

void append_special(const Json& part, const std::string& token, const std::string& place,
                    std::int32_t vocab_size, Ids& out) {
  const Json& specials = object_member(part, "special_tokens", place);
  const std::string specials_place = place + "/special_tokens";
  const Json& entry = object_member(specials, token, specials_place);
  for (const Json& value : list_member(entry, "ids", specials_place)) {
    const std::int32_t id = read_id(value, specials_place, token);
    check(id < vocab_size, ErrorCode::corrupt, "expected the id of a token below {}, got {}, in {}",
          vocab_size, id, specials_place);
    check(out.size() < kMaxAdded, ErrorCode::corrupt,
          "expected at most {} added tokens, got more, in {}", kMaxAdded, place);
    out.push_back(id);
  }
}

// Puts the tokens of a template around those that are already there.
void add_template(const Json& part, const std::string& place, std::int32_t vocab_size,
                  PostProcessor& result) {
  Ids before;
  Ids after;
  bool seen_text = false;
  for (const Json& item : list_member(part, "single", place)) {
    check(item.is_object(), ErrorCode::corrupt, "expected an object, got {}, in {}/single",
          json_summary(item), place);
    if (item.contains("SpecialToken")) {
      const Json& special = object_member(item, "SpecialToken", place + "/single");
      append_special(part, string_member(special, "id", place + "/single"), place, vocab_size,
                     seen_text ? after : before);
      continue;
    }
    const Json& text = object_member(item, "Sequence", place + "/single");
    const bool first_time = !std::exchange(seen_text, true);
    check(first_time && string_member(text, "id", place + "/single") == "A", ErrorCode::unsupported,
          "expected the text once, got something else, in {}/single", place);
  }
  check(seen_text, ErrorCode::unsupported, "expected the text once, got none, in {}/single", place);
  result.prefix.insert(result.prefix.begin(), before.begin(), before.end());
  result.suffix.insert(result.suffix.end(), after.begin(), after.end());
}

void add(const Json& part, const std::string& place, int depth, std::int32_t vocab_size,
         PostProcessor& result) {
  const std::string& type = object_type(part, place);
  if (type == "ByteLevel") return;
  if (type == "TemplateProcessing") return add_template(part, place, vocab_size, result);
  check(type == "Sequence" && depth < kMaxDepth, ErrorCode::unsupported,
        "expected ByteLevel, TemplateProcessing or a Sequence of them, got {}, which this program "
        "does not know, in {}",
        quote_text(type), place);
  const Json& list = list_member(part, "processors", place);
  for (std::size_t i = 0; i < list.size(); ++i) {
    add(list[i], fmt::format("{}/processors/{}", place, i), depth + 1, vocab_size, result);
    check(result.prefix.size() + result.suffix.size() <= kMaxAdded, ErrorCode::corrupt,
          "expected at most {} added tokens, got more, in {}", kMaxAdded, place);
  }
}

}  // namespace

PostProcessor PostProcessor::read(const Json& document, const std::string& file,
                                  std::int32_t vocab_size) {
  PostProcessor result;
  const auto part = document.find("post_processor");
  if (part == document.end() || part->is_null()) return result;
  add(*part, file + "/post_processor", 0, vocab_size, result);
  return result;
}

}  // namespace reckon::policy
