#include "watch/report.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "watch/cost_table.h"
#include "watch/page_files.h"
#include "watch/report_data.h"
#include "watch/run_folder.h"

namespace reckon::watch {

namespace {

using Values = std::map<std::string_view, std::string_view>;

// JSON in which no byte can end the script element it stands in or begin a comment.
std::string script_safe_json(const nlohmann::json& data) {
  std::string result;
  for (const char c : json_text(data)) {
    if (c == '<') {
      result += "\\u003c";
    } else {
      result += c;
    }
  }
  return result;
}

// The library's last line names a file that only its authors have.
std::string_view without_source_map(std::string_view text) {
  for (const std::string_view mark : {"//# sourceMappingURL", "/*# sourceMappingURL"}) {
    text = text.substr(0, text.find(mark));
  }
  return text;
}

// Replaces each {{name}} of the template in one pass: inserted text is not looked at again.
std::string fill(std::string_view page, const Values& values) {
  std::string result;
  while (true) {
    const size_t begin = page.find("{{");
    result += page.substr(0, begin);
    if (begin == std::string_view::npos) return result;
    const size_t end = page.find("}}", begin);
    check(end != std::string_view::npos, ErrorCode::internal, "expected }}}} in the page");
    const std::string_view name = page.substr(begin + 2, end - begin - 2);
    const auto value = values.find(name);
    check(value != values.end(), ErrorCode::internal, "expected a known name, got {}, in the page",
          name);
    result += value->second;
    page.remove_prefix(end + 2);
  }
}

}  // namespace

std::string render_page(const nlohmann::json& data) {
  const std::string text = script_safe_json(data);
  return fill(page_file("report.html"),
              {{"library_css", without_source_map(page_file("dygraph.min.css"))},
               {"library_script", without_source_map(page_file("dygraph.min.js"))},
               {"library_notice", page_file("dygraphs_notice.txt")},
               {"css", page_file("report.css")},
               {"elements_script", page_file("elements.js")},
               {"curves_script", page_file("curves.js")},
               {"plots_script", page_file("plots.js")},
               {"tables_script", page_file("tables.js")},
               {"answers_script", page_file("answers.js")},
               {"stages_script", page_file("stages.js")},
               {"script", page_file("report.js")},
               {"data", text}});
}

void write_report(const std::vector<RunFolder>& runs, const std::filesystem::path& output) {
  check(!runs.empty(), ErrorCode::invalid_argument, "expected at least one run folder, got none");
  nlohmann::json data = {{"runs", nlohmann::json::array()},
                         {"recipes", recipes_data(runs)},
                         {"published_cost", grid_json(published_cost_grid())}};
  for (const RunFolder& run : runs) data["runs"].push_back(report_data(run));
  write_file_atomic(output, render_page(data));
}

}  // namespace reckon::watch
