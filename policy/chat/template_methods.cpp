#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/utf8.h"
#include "policy/chat/template_call.h"
#include "policy/chat/unicode_text.h"

namespace reckon::policy::jinja {
namespace {

constexpr std::array<std::string_view, 28> kTextMethods = {
    "strip",    "lstrip",  "rstrip",  "split",        "rsplit",       "splitlines", "startswith",
    "endswith", "replace", "upper",   "lower",        "title",        "capitalize", "find",
    "rfind",    "index",   "count",   "join",         "isdigit",      "isalpha",    "isalnum",
    "isspace",  "isupper", "islower", "removeprefix", "removesuffix", "partition",  "rpartition"};
constexpr std::array<std::string_view, 5> kMappingMethods = {"items", "keys", "values", "get",
                                                             "copy"};
constexpr std::array<std::string_view, 3> kSequenceMethods = {"index", "count", "copy"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Pieces of a text between separators, at most `most` cuts from the left.
std::vector<std::string_view> split_at(std::string_view text, std::string_view separator,
                                       std::int64_t most) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  for (std::size_t at = text.find(separator); at != std::string_view::npos && most != 0; --most) {
    pieces.push_back(text.substr(begin, at - begin));
    begin = at + separator.size();
    at = text.find(separator, begin);
  }
  pieces.push_back(text.substr(begin));
  return pieces;
}

std::vector<std::string_view> split_at_right(std::string_view text, std::string_view separator,
                                             std::int64_t most) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = text.rfind(separator); at != std::string_view::npos && most != 0; --most) {
    pieces.push_back(text.substr(at + separator.size()));
    text = text.substr(0, at);
    at = text.rfind(separator);
  }
  pieces.push_back(text);
  std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

bool is_space_at(std::string_view text, std::size_t at) {
  const Utf8Step step = read_utf8(text, at);
  return step.valid && is_python_space(step.character);
}

// Words between white space; the last piece is the rest after `most` words.
std::vector<std::string_view> split_words(std::string_view text, std::int64_t most) {
  std::vector<std::string_view> pieces;
  for (text = strip_left(text); !text.empty(); text = strip_left(text), --most) {
    if (most == 0) {
      pieces.push_back(strip_right(text));
      break;
    }
    std::size_t end = 0;
    while (end < text.size() && !is_space_at(text, end)) end += read_utf8(text, end).size;
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return pieces;
}

std::vector<std::string_view> split_words_right(std::string_view text, std::int64_t most) {
  const auto all = split_words(text, -1);
  if (most < 0 || all.size() <= static_cast<std::size_t>(most)) return all;
  const std::size_t rest = all.size() - static_cast<std::size_t>(most);  // words in the first piece
  std::vector<std::string_view> pieces;
  const char* begin = text.data();
  const char* end = all[rest - 1].data() + all[rest - 1].size();
  pieces.emplace_back(begin, static_cast<std::size_t>(end - begin));
  pieces.insert(pieces.end(), all.begin() + static_cast<std::ptrdiff_t>(rest), all.end());
  return pieces;
}

Value to_list(const CallSite& site, const std::vector<std::string_view>& pieces) {
  site.budget.step(pieces.size());
  Items items;
  for (const std::string_view piece : pieces) items.push_back(site.make(std::string(piece)));
  return site.make_list(std::move(items));
}

Value split(const CallSite& site, std::string_view text, const Arguments& arguments) {
  const bool from_right = site.name == "rsplit";
  const Value separator = arguments.get(0, "sep", None{});
  const std::int64_t most = site.integer(arguments.get(1, "maxsplit", -1));
  if (separator.is_none()) {
    return to_list(site, from_right ? split_words_right(text, most) : split_words(text, most));
  }
  const std::string& mark = site.text(separator);
  check(!mark.empty(), ErrorCode::invalid_argument,
        "expected a separator, got an empty one, in the chat template, line {}", site.line);
  return to_list(site, from_right ? split_at_right(text, mark, most) : split_at(text, mark, most));
}

Value split_lines(const CallSite& site, std::string_view text, const Arguments& arguments) {
  const bool keep_ends = arguments.get(0, "keepends", false).truth();
  std::vector<std::string_view> lines;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    const char32_t c = step.valid ? step.character : U'?';
    const bool ends = (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 ||
                      c == 0x2028 || c == 0x2029;
    std::size_t next = at + step.size;
    if (c == '\r' && next < text.size() && text[next] == '\n') ++next;
    if (ends) {
      lines.push_back(text.substr(begin, (keep_ends ? next : at) - begin));
      begin = next;
    }
    at = next;
  }
  if (begin < text.size()) lines.push_back(text.substr(begin));
  return to_list(site, lines);
}

Value replaced(const CallSite& site, std::string_view text, const Arguments& arguments) {
  const std::string from = site.text(arguments.get(0, "old", {}));
  const std::string to = site.text(arguments.get(1, "new", {}));
  std::int64_t most = site.integer(arguments.get(2, "count", -1));
  std::string result;
  const auto append = [&](std::string_view part) {
    site.budget.check_length(result.size() + part.size());
    result += part;
  };
  if (from.empty()) {  // Python puts `to` around every character
    for (std::size_t at = 0; at <= text.size(); --most) {
      if (most != 0) append(to);
      if (at == text.size()) break;
      const std::size_t size = most == 0 ? text.size() - at : read_utf8(text, at).size;
      append(text.substr(at, size));
      at += size;
      if (most == 0) break;
    }
    return site.make(std::move(result));
  }
  std::size_t begin = 0;
  for (std::size_t at = text.find(from); at != std::string_view::npos && most != 0; --most) {
    append(text.substr(begin, at - begin));
    append(to);
    begin = at + from.size();
    at = text.find(from, begin);
  }
  append(text.substr(begin));
  return site.make(std::move(result));
}

Value stripped(const CallSite& site, std::string_view text, const Arguments& arguments) {
  const Value set = arguments.get(0, "chars", None{});
  const std::string_view characters = set.is_none() ? "" : std::string_view(site.text(set));
  if (!set.is_none() && characters.empty()) return site.make(std::string(text));
  if (site.name != "rstrip") text = strip_left(text, characters);
  if (site.name != "lstrip") text = strip_right(text, characters);
  return site.make(std::string(text));
}

// startswith and endswith: of one text, or of any of a tuple.
bool has_end(const CallSite& site, std::string_view text, const Value& wanted) {
  const auto fits = [&](const Value& part) {
    const std::string& end = site.text(part);
    return site.name == "startswith" ? text.starts_with(end) : text.ends_with(end);
  };
  if (!wanted.is_tuple()) return fits(wanted);
  return std::any_of(wanted.items().begin(), wanted.items().end(), fits);
}

Value found(const CallSite& site, std::string_view text, const Arguments& arguments) {
  const std::string part = site.text(arguments.get(0, "sub", {}));
  const std::size_t at = site.name == "rfind" ? text.rfind(part) : text.find(part);
  check(at != std::string_view::npos || site.name != "index", ErrorCode::invalid_argument,
        "expected the text that `index` looks for, got none, in the chat template, line {}",
        site.line);
  if (at == std::string_view::npos) return -1;
  return static_cast<std::int64_t>(character_count(text.substr(0, at)));
}

Value counted(const CallSite& site, std::string_view text, const Arguments& arguments) {
  const std::string part = site.text(arguments.get(0, "sub", {}));
  if (part.empty()) return static_cast<std::int64_t>(character_count(text)) + 1;
  return static_cast<std::int64_t>(split_at(text, part, -1).size()) - 1;
}

Value parted(const CallSite& site, std::string_view text, const Arguments& arguments) {
  const std::string mark = site.text(arguments.get(0, "sep", {}));
  check(!mark.empty(), ErrorCode::invalid_argument,
        "expected a separator, got an empty one, in the chat template, line {}", site.line);
  const bool right = site.name == "rpartition";
  const std::size_t at = right ? text.rfind(mark) : text.find(mark);
  if (at == std::string_view::npos) {
    Value whole = site.make(std::string(text));
    return right ? Value::tuple({"", "", whole}) : Value::tuple({whole, "", ""});
  }
  return Value::tuple({site.make(std::string(text.substr(0, at))), Value(mark),
                       site.make(std::string(text.substr(at + mark.size())))});
}

// isdigit and its kind: of every character, in ASCII.
bool all_of_class(std::string_view name, std::string_view text) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty()) return false;
  if (name == "isspace") return strip_left(text).empty();
  if (name == "isupper") {
    return std::any_of(text.begin(), text.end(), is_upper) &&
           std::none_of(text.begin(), text.end(), is_lower);
  }
  if (name == "islower") {
    return std::any_of(text.begin(), text.end(), is_lower) &&
           std::none_of(text.begin(), text.end(), is_upper);
  }
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (name != "isalpha" && is_digit(c)) ||
           (name != "isdigit" && (is_upper(c) || is_lower(c)));
  });
}

Value call_text_method(const CallSite& site, const std::string& text, const Arguments& arguments) {
  const std::string_view name = site.name;
  site.budget.step(1 + text.size() / 64);
  if (name == "strip" || name == "lstrip" || name == "rstrip") {
    return stripped(site, text, arguments);
  }
  if (name == "split" || name == "rsplit") return split(site, text, arguments);
  if (name == "splitlines") return split_lines(site, text, arguments);
  if (name == "startswith" || name == "endswith") {
    return has_end(site, text, arguments.get(0, "prefix", {}));
  }
  if (name == "replace") return replaced(site, text, arguments);
  if (name == "upper") return site.make(with_case(text, LetterCase::upper));
  if (name == "lower") return site.make(with_case(text, LetterCase::lower));
  if (name == "title") return site.make(with_case(text, LetterCase::title));
  if (name == "capitalize") return site.make(with_case(text, LetterCase::capitalize));
  if (name == "find" || name == "rfind" || name == "index") return found(site, text, arguments);
  if (name == "count") return counted(site, text, arguments);
  if (name == "partition" || name == "rpartition") return parted(site, text, arguments);
  if (name == "removeprefix" || name == "removesuffix") {
    const std::string part = site.text(arguments.get(0, "part", {}));
    const bool fits = name == "removeprefix" ? text.starts_with(part) : text.ends_with(part);
    if (!fits) return Value(text);
    return site.make(name == "removeprefix" ? text.substr(part.size())
                                            : text.substr(0, text.size() - part.size()));
  }
  if (name == "join") {
    const CallSite filter{"join", site.line, site.budget};
    for (const Value& item : site.items(arguments.get(0, "iterable", {}))) site.text(item);
    return apply_filter(filter, arguments.get(0, "iterable", {}), {{Value(text)}, {}});
  }
  return all_of_class(name, text);
}

Value call_mapping_method(const CallSite& site, const Value& self, const Arguments& arguments) {
  site.budget.step(1 + self.members().size() / 4);
  if (site.name == "get") {
    const Value* member = self.find(arguments.get(0, "key", {}));
    return member != nullptr ? *member : arguments.get(1, "default", None{});
  }
  if (site.name == "copy") return self;
  Items items;
  for (const auto& [key, member] : self.members()) {
    items.push_back(site.name == "keys"     ? key
                    : site.name == "values" ? member
                                            : Value::tuple({key, member}));
  }
  return site.make_list(std::move(items));
}

Value call_sequence_method(const CallSite& site, const Value& self, const Arguments& arguments) {
  const Items& items = self.items();
  site.budget.step(1 + items.size());
  if (site.name == "copy") return self;
  const Value wanted = arguments.get(0, "value", {});
  const auto is_wanted = [&](const Value& item) { return equal(item, wanted); };
  if (site.name == "count") {
    return static_cast<std::int64_t>(std::count_if(items.begin(), items.end(), is_wanted));
  }
  const auto place = std::find_if(items.begin(), items.end(), is_wanted);
  check(place != items.end(), ErrorCode::invalid_argument,
        "expected the item that `index` looks for, got none, in the chat template, line {}",
        site.line);
  return static_cast<std::int64_t>(place - items.begin());
}

}  // namespace

bool has_method(const Value& value, std::string_view name) {
  if (value.is_string()) return among(kTextMethods, name);
  if (value.is_mapping()) return among(kMappingMethods, name);
  return value.is_sequence() && among(kSequenceMethods, name);
}

Value call_method(const CallSite& site, const Value& self, const Arguments& arguments) {
  if (self.is_string()) return call_text_method(site, self.text(), arguments);
  if (self.is_mapping()) return call_mapping_method(site, self, arguments);
  if (self.is_sequence()) return call_sequence_method(site, self, arguments);
  const auto loop = self.loop();
  if (loop == nullptr || arguments.positional.empty()) {
    site.fail_type("a loop and its values", self);
  }
  return arguments.positional[loop->index % arguments.positional.size()];
}

}  // namespace reckon::policy::jinja
