#include "rewards/math/cleanup.h"

#include "rewards/math/scanner_classes.h"
#include "rewards/math/vocabulary.h"

namespace reckon::rewards::math {

namespace {

struct Pair {
  std::string_view open, close;
};

/// Takes one pair of outer marks off; returns whether it found one.
bool strip_pair(std::string_view& text) {
  constexpr Pair kPairs[] = {{"$$", "$$"},   {"$", "$"},   {"\\(", "\\)"},
                             {"\\[", "\\]"}, {"**", "**"}, {"`", "`"}};
  for (const auto& [open, close] : kPairs) {
    if (text.size() < open.size() + close.size() || !text.starts_with(open)) continue;
    if (!text.ends_with(close)) continue;
    const std::string_view content =
        text.substr(open.size(), text.size() - open.size() - close.size());
    // $1$ and $2$ are two pieces; \$ is money.
    if (content.find(open) != content.npos || content.find(close) != content.npos) continue;
    if (open[0] != '\\' && content.ends_with('\\')) continue;
    text = content;
    return true;
  }
  return false;
}

bool strip_box(std::string_view& text) {
  for (const std::string_view name : {"\\boxed", "\\fbox"}) {
    if (!text.starts_with(name)) continue;
    size_t open = name.size();
    while (open < text.size() && text[open] == ' ') ++open;
    if (open >= text.size() || text[open] != '{') return false;
    if (closing_brace(text, open) != text.size() - 1) return false;
    text = text.substr(open + 1, text.size() - open - 2);
    return true;
  }
  return false;
}

bool strip_stop(std::string_view& text) {
  if (text.ends_with("\\\\")) {
    text.remove_suffix(2);
    return true;
  }
  const bool stop = text.ends_with('.') && !text.ends_with("..");
  const bool mark = text.ends_with(',') || text.ends_with(';') || text.ends_with(':');
  const bool command = text.size() > 1 && text[text.size() - 2] == '\\';
  if ((!stop && !mark) || command) return false;
  text.remove_suffix(1);
  return true;
}

/// What stands before an answer that is the end of a line of reasoning.
bool strip_start(std::string_view& text) {
  for (const std::string_view mark : {"&=", ":=", "=", "\\therefore"}) {
    if (!text.starts_with(mark)) continue;
    const std::string_view rest = text.substr(mark.size());
    const bool joined = mark[0] == '\\' ? !rest.empty() && is_letter(rest[0])
                                        : rest.starts_with('>') || rest.starts_with('<');
    if (joined) return false;
    text = rest;
    return true;
  }
  return false;
}

std::string_view cut_approximation(std::string_view text) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}') --depth;
    if (text[i] != '\\') continue;
    for (const std::string_view name : {"\\approx", "\\simeq"}) {
      if (depth != 0 || !text.substr(i).starts_with(name)) continue;
      const size_t end = i + name.size();
      if (end < text.size() && is_letter(text[end])) continue;
      const std::string_view before = trim_blanks(text.substr(0, i));
      return before.empty() ? cut_approximation(trim_blanks(text.substr(end))) : before;
    }
    ++i;
  }
  return text;
}

}  // namespace

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '~')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '~')) {
    // "\ " at the end is a blank as well.
    text.remove_suffix(1);
    if (text.ends_with('\\') && !text.ends_with("\\\\")) text.remove_suffix(1);
  }
  return text;
}

size_t closing_brace(std::string_view text, size_t open) {
  int depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

std::string_view whole_text_argument(std::string_view text) {
  if (!text.starts_with('\\')) return {};
  size_t end = 1;
  while (end < text.size() && is_letter(text[end])) ++end;
  const auto meaning = find_command(text.substr(1, end - 1));
  const bool known =
      meaning && (meaning->treatment == Treatment::text || meaning->treatment == Treatment::font ||
                  meaning->treatment == Treatment::operator_name);
  if (!known) return {};
  while (end < text.size() && text[end] == ' ') ++end;
  if (end >= text.size() || text[end] != '{' || closing_brace(text, end) != text.size() - 1) {
    return {};
  }
  return text.substr(end + 1, text.size() - end - 2);
}

std::string_view without_quotes(std::string_view text) {
  if (text.size() < 3 || !text.starts_with('"') || !text.ends_with('"')) return text;
  const std::string_view content = text.substr(1, text.size() - 2);
  if (content.find('"') != content.npos) return text;
  bool command = false;
  for (size_t i = 0; i < content.size(); ++i) {
    const bool letter = is_letter(content[i]) || static_cast<unsigned char>(content[i]) >= 0x80;
    const bool before = i > 0 && is_letter(content[i - 1]);
    if (letter && before && !command) return text;
    if (!letter) command = content[i] == '\\';
  }
  return content;
}

std::string_view clean_answer(std::string_view text) {
  text = trim_blanks(text);
  bool boxed = false;
  for (bool changed = true; changed;) {
    changed = strip_pair(text);
    if (!changed && !boxed) changed = boxed = strip_box(text);
    if (!changed) changed = strip_stop(text) || strip_start(text);
    text = trim_blanks(text);
  }
  text = cut_approximation(text);
  while (strip_stop(text) || strip_pair(text)) text = trim_blanks(text);
  return text;
}

}  // namespace reckon::rewards::math
