#include "watch/grid.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/utf8.h"

namespace reckon::watch {

namespace {

using Lines = std::vector<std::string>;

constexpr size_t kGap = 2;  // blanks between two columns

// Scripts whose characters fill two columns of a terminal.
bool is_wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFF00 && c <= 0xFF60) || (c >= 0x1F300 && c <= 0x1FAFF) ||
         (c >= 0x20000 && c <= 0x3FFFD);
}

// Characters that change what a terminal does, or turn the reading direction.
bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200E && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::string harmless(const std::string& text) {
  std::string result;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    result += !step.valid || is_control(step.character) ? "?" : text.substr(at, step.size);
    at += step.size;
  }
  return result;
}

size_t columns_of(const std::string& text) {
  size_t columns = 0;
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = read_utf8(text, at);
    columns += is_wide(step.character) ? 2 : 1;
    at += step.size;
  }
  return columns;
}

std::string padded(const std::string& text, size_t width, bool left) {
  const std::string blanks(width - std::min(width, columns_of(text)), ' ');
  return left ? text + blanks : blanks + text;
}

Lines split_lines(const std::string& text) {
  Lines lines;
  for (size_t begin = 0;;) {
    const size_t end = text.find('\n', begin);
    lines.push_back(harmless(text.substr(begin, end - begin)));
    if (end == std::string::npos) return lines;
    begin = end + 1;
  }
}

// One column, its header's lines first.
struct Column {
  Lines header;
  Lines cells;
  size_t width = 0;
};

std::vector<Column> columns_from(const Grid& grid) {
  std::vector<Column> columns;
  for (size_t i = 0; i < grid.header.size(); ++i) {
    Column column{split_lines(grid.header[i]), {}, 0};
    for (const auto& row : grid.rows) column.cells.push_back(harmless(row.at(i)));
    for (const auto& text : column.header) column.width = std::max(column.width, columns_of(text));
    for (const auto& text : column.cells) column.width = std::max(column.width, columns_of(text));
    columns.push_back(std::move(column));
  }
  return columns;
}

void add_line(std::string& text, const Lines& cells, const std::vector<const Column*>& columns) {
  std::string line;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) line += std::string(kGap, ' ');
    line += padded(cells[i], columns[i]->width, i == 0);
  }
  text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

// A table of these columns; headers stand on the line above the rule.
std::string draw(const std::vector<const Column*>& columns) {
  size_t depth = 0, width = 0;
  for (const Column* column : columns) {
    depth = std::max(depth, column->header.size());
    width += column->width + (width > 0 ? kGap : 0);
  }
  std::string text;
  for (size_t line = 0; line < depth; ++line) {
    Lines cells;
    for (const Column* column : columns) {
      const size_t above = depth - column->header.size();
      cells.push_back(line < above ? "" : column->header[line - above]);
    }
    add_line(text, cells, columns);
  }
  text += std::string(width, '-') + "\n";
  for (size_t row = 0; row < columns.front()->cells.size(); ++row) {
    Lines cells;
    for (const Column* column : columns) cells.push_back(column->cells[row]);
    add_line(text, cells, columns);
  }
  return text;
}

std::string markdown_cell(const std::string& text) {
  std::string result;
  std::string flat = text;
  std::replace(flat.begin(), flat.end(), '\n', ' ');
  for (const char c : harmless(flat)) {
    if (c == '<') {
      result += "&lt;";
      continue;
    }
    if (std::string_view("|\\`*_[]").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string markdown_row(const Lines& cells) {
  std::string line = "|";
  for (const auto& cell : cells) line.append(" ").append(markdown_cell(cell)).append(" |");
  return line + "\n";
}

// The text in lines of at most `width` columns, broken at blanks.
std::string wrapped(const std::string& text, size_t width) {
  std::string result, line;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!line.empty() && columns_of(line) + 1 + columns_of(word) > width) {
      result += line + "\n";
      line.clear();
    }
    line.append(line.empty() ? "" : " ").append(word);
    at = end + 1;
  }
  return result + line + "\n";
}

}  // namespace

std::string render_text(const Grid& grid, size_t width) {
  if (grid.empty() || grid.header.empty()) return "";
  const std::vector<Column> columns = columns_from(grid);
  std::string text = harmless(grid.title) + "\n";
  size_t next = 1;
  do {
    std::vector<const Column*> piece = {&columns.front()};
    size_t used = columns.front().width;
    // At least one column goes into each piece, however wide it is.
    while (next < columns.size() &&
           (piece.size() == 1 || used + kGap + columns[next].width <= width)) {
      used += kGap + columns[next].width;
      piece.push_back(&columns[next++]);
    }
    text.append("\n").append(draw(piece));
  } while (next < columns.size());
  if (!grid.note.empty()) text.append("\n").append(wrapped(harmless(grid.note), width));
  return text;
}

std::string render_markdown(const Grid& grid) {
  if (grid.empty() || grid.header.empty()) return "";
  std::string text = "**";
  text.append(markdown_cell(grid.title))
      .append("**\n\n")
      .append(markdown_row(grid.header))
      .append("|");
  for (size_t i = 0; i < grid.header.size(); ++i) text += i == 0 ? "---|" : "---:|";
  text += "\n";
  for (const auto& row : grid.rows) text += markdown_row(row);
  if (!grid.note.empty()) text.append("\n").append(markdown_cell(grid.note)).append("\n");
  return text;
}

nlohmann::json grid_json(const Grid& grid) {
  return {{"title", grid.title}, {"header", grid.header}, {"rows", grid.rows}, {"note", grid.note}};
}

}  // namespace reckon::watch
