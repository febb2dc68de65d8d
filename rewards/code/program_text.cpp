#include "rewards/code/program_text.h"

#include <algorithm>
#include <array>
#include <optional>

namespace reckon::rewards::code {

namespace {

constexpr std::string_view kThinkBegin = "<think>";
constexpr std::string_view kThinkEnd = "</think>";
constexpr std::string_view kAnswerBegin = "<answer>";
constexpr std::string_view kAnswerEnd = "</answer>";

std::optional<std::string_view> behind_thought(std::string_view text, bool think_prefilled) {
  const size_t end = text.rfind(kThinkEnd);
  if (end != std::string_view::npos) return text.substr(end + kThinkEnd.size());
  if (think_prefilled || text.find(kThinkBegin) != std::string_view::npos) return std::nullopt;
  return text;
}

std::optional<std::string_view> region_of(std::string_view text, Region region,
                                          bool think_prefilled) {
  if (region == Region::whole) return text;
  const auto behind = behind_thought(text, think_prefilled);
  if (region == Region::after_think || !behind) return behind;
  const size_t begin = behind->find(kAnswerBegin);
  if (begin == std::string_view::npos || behind->rfind(kAnswerBegin) != begin) return std::nullopt;
  const size_t end = behind->find(kAnswerEnd, begin);
  if (end == std::string_view::npos || behind->rfind(kAnswerEnd) != end) return std::nullopt;
  const size_t first = begin + kAnswerBegin.size();
  return behind->substr(first, end - first);
}

/// A line that may open or close a block.
struct Fence {
  char mark = '`';
  size_t length = 0;  // 0: the line is no fence
  size_t indent = 0;
  std::string_view info = {};  // what follows the marks, without blanks around it
};

Fence read_fence(std::string_view line) {
  Fence fence;
  fence.indent = std::min(line.find_first_not_of(" \t"), line.size());
  std::string_view rest = line.substr(fence.indent);
  if (rest.empty() || (rest[0] != '`' && rest[0] != '~')) return fence;
  fence.mark = rest[0];
  const size_t length = std::min(rest.find_first_not_of(fence.mark), rest.size());
  rest.remove_prefix(length);
  const size_t begin = rest.find_first_not_of(" \t\r");
  if (begin != std::string_view::npos) {
    fence.info = rest.substr(begin, rest.find_last_not_of(" \t\r") - begin + 1);
  }
  const bool inline_code = fence.mark == '`' && fence.info.find('`') != std::string_view::npos;
  fence.length = length >= 3 && !inline_code ? length : 0;
  return fence;
}

/// The first word of an info string, in lower case.
std::string tag_of(std::string_view info) {
  while (!info.empty() && (info[0] == '{' || info[0] == '.')) info.remove_prefix(1);
  std::string tag(info.substr(0, info.find_first_of(" \t,:;{}=")));
  for (char& c : tag) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return tag;
}

bool fits(std::string_view tag, sandbox::Language language) {
  static constexpr std::array<std::string_view, 7> kPython{"python",   "py",   "python3", "py3",
                                                           "python-3", "pypy", "pypy3"};
  static constexpr std::array<std::string_view, 9> kCpp{"cpp",   "c++",   "cc",    "cxx",  "c++11",
                                                        "c++14", "c++17", "c++20", "cpp17"};
  static constexpr std::array<std::string_view, 4> kC{"c", "c99", "c11", "c17"};
  static constexpr std::array<std::string_view, 4> kBash{"bash", "sh", "shell", "zsh"};
  const auto among = [&](const auto& tags) {
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
  };
  if (tag.empty()) return true;
  switch (language) {
    case sandbox::Language::python:
      return among(kPython);
    case sandbox::Language::cpp:
      return among(kCpp);
    case sandbox::Language::c:
      return among(kC);
    case sandbox::Language::bash:
      return among(kBash);
  }
  return false;
}

/// Adds `line` to a block whose fence stands `indent` blanks from the left.
void add_line(std::string& block, std::string_view line, size_t indent) {
  const size_t blanks = std::min(line.find_first_not_of(" \t"), line.size());
  block += line.substr(std::min(blanks, indent));
  block += '\n';
}

}  // namespace

ProgramText find_program(std::string_view completion, sandbox::Language language, Region region,
                         bool think_prefilled) {
  ProgramText result;
  const auto part = region_of(completion, region, think_prefilled);
  if (!part) {
    result.failure = Reason::no_region;
    return result;
  }
  std::string_view rest = *part;
  Fence open;  // the fence of the block that `rest` begins in; of length 0 outside of blocks
  std::string block;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const Fence fence = read_fence(line);
    if (open.length == 0) {
      open = fence;
      block.clear();
    } else if (fence.length >= open.length && fence.mark == open.mark && fence.info.empty()) {
      if (fits(tag_of(open.info), language)) {
        result.text = block;
        result.found = true;
      }
      open = {};
    } else {
      add_line(block, line, open.indent);
    }
  }
  if (open.length > 0) return {};
  return result;
}

}  // namespace reckon::rewards::code
