#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace reckon::watch {

/// A table of texts, to be shown to people. Every row has as many cells as the header.
struct Grid {
  std::string title;
  std::vector<std::string> header;  ///< names of the columns; may hold line breaks
  std::vector<std::vector<std::string>> rows;
  std::string note;  ///< what a reader must know to read the numbers; may be empty

  /// Whether there is nothing to show.
  bool empty() const { return rows.empty(); }
};

/// The table with aligned columns: the first to the left, the others to the right. One that is
/// wider than `width` columns is cut into several below each other, the first column repeated.
/// Control characters become '?'.
std::string render_text(const Grid& grid, size_t width = 110);

/// The table in Markdown. Text of the run cannot become markup of its own.
std::string render_markdown(const Grid& grid);

/// `{"title", "header", "rows", "note"}`, for pages.
nlohmann::json grid_json(const Grid& grid);

}  // namespace reckon::watch
