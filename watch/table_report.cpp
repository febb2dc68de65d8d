#include "watch/table_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/json.h"
#include "watch/exams.h"
#include "watch/stage_table.h"

namespace reckon::watch {

namespace {

using nlohmann::json;

// Tables or sentences below each other.
class Pages {
 public:
  explicit Pages(TableRequest::Form form) : form_(form) {}

  void add(const Grid& grid, const std::string& otherwise = "") {
    if (grid.empty() && otherwise.empty()) return;
    if (!text_.empty()) text_ += "\n";
    if (grid.empty()) {
      text_ += otherwise + "\n";
    } else {
      text_ += form_ == TableRequest::Form::markdown ? render_markdown(grid) : render_text(grid);
    }
  }

  const std::string& text() const { return text_; }

 private:
  TableRequest::Form form_;
  std::string text_;
};

void add_stages(Pages& pages, const std::vector<RunFolder>& runs) {
  for (const auto& group : by_recipe(runs)) {
    for (const RunFolder* run : group) {
      pages.add(stage_grid(stage_table(*run)),
                fmt::format("{}: nothing has been evaluated yet.", run->label));
    }
    if (group.size() > 1) pages.add(stage_grid(mean_table(group)));
    pages.add(stage_grid(difference_table(group)));
  }
}

void add_costs(Pages& pages, const std::vector<RunFolder>& runs, const TableRequest& request) {
  bool any = false;
  for (const RunFolder& run : runs) {
    const Grid grid = cost_grid(read_costs(run), request.price);
    any = any || !grid.empty();
    pages.add(grid, request.only_cost
                        ? fmt::format("{}: no stage has recorded its cost yet.", run.label)
                        : "");
  }
  if (any) pages.add(published_cost_grid());
}

json report_json(const std::vector<RunFolder>& runs, const TableRequest& request) {
  json result = {{"runs", json::array()}};
  for (const RunFolder& run : runs) {
    json item = {{"name", run.name}, {"label", run.label}, {"seed", nullptr}};
    if (run.seed) item["seed"] = *run.seed;
    if (!request.only_cost) item["stages"] = stage_json(stage_table(run));
    item["cost"] = cost_json(read_costs(run), request.price);
    result["runs"].push_back(std::move(item));
  }
  if (request.only_cost) return result;
  for (const auto& group : by_recipe(runs)) {
    json item = {{"name", group.front()->name},
                 {"num_runs", group.size()},
                 {"differences", stage_json(difference_table(group))}};
    if (group.size() > 1) item["means"] = stage_json(mean_table(group));
    result["recipes"].push_back(std::move(item));
  }
  return result;
}

}  // namespace

std::string table_report(const std::vector<RunFolder>& runs, const TableRequest& request) {
  if (request.form == TableRequest::Form::json) {
    return json_text(report_json(runs, request), 2) + "\n";
  }
  Pages pages(request.form);
  if (!request.only_cost) add_stages(pages, runs);
  add_costs(pages, runs, request);
  return pages.text();
}

std::string stage_summary(const RunFolder& run) {
  const auto found = exams(run);
  // Without a stage of kind eval the headline says what there is to say.
  if (found.empty() || found.front().stage.empty() || found.front().lines.size() < 2) return "";
  Pages pages(TableRequest::Form::text);
  pages.add(stage_grid(stage_table(run)));
  pages.add(cost_grid(read_costs(run)));
  return pages.text();
}

}  // namespace reckon::watch
