// A request to the live page, and lines of the files that it follows. The parts of an input, up to
// zero bytes: method, path, host, a line of metrics, a line of completions, then names and values
// of the query.
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/json.h"
#include "tests/fuzz/fuzz_input.h"
#include "watch/live_site.h"
#include "watch/metrics_log.h"

using namespace reckon;

namespace {

/// A small run that requests ask about.
class SmallRun {
 public:
  SmallRun() : catalog_(write(folder_.path())), site_(catalog_) {
    catalog_.poll();
    id_ = catalog_.list().at(0).id;
  }

  const watch::LiveSite& site() const { return site_; }
  const std::string& id() const { return id_; }

 private:
  static const std::filesystem::path& write(const std::filesystem::path& folder) {
    std::ofstream(folder / "recipe.json")
        << R"({"recipe":{"name":"r","stages":[{"name":"zero","kind":"grpo"}]}})";
    std::ofstream(folder / "metrics.jsonl")
        << R"({"stage":"zero","kind":"grpo","step":1,"reward":0.5})" << '\n';
    std::ofstream(folder / "completions.jsonl")
        << R"({"completion":"a","prompt":"p","prompt_index":3,"sample":0,"stage":"zero","step":1})"
        << '\n';
    return folder;
  }

  TempFolder folder_;
  watch::RunCatalog catalog_;
  watch::LiveSite site_;
  std::string id_;
};

// Fast and slow readers of a line of metrics agree wherever the line is JSON.
void read_metrics(std::string_view line) {
  std::vector<watch::StageMetrics> fast, slow;
  watch::MetricsReader reader;
  reader.add(fast, line);
  reader.add(fast, line);
  nlohmann::json value;
  try {
    value = parse_json_text(line, "line");
  } catch (const Error&) {
    return;
  }
  watch::add_metrics(slow, value);
  watch::add_metrics(slow, value);
  fuzz::must(fast.size() == slow.size());
  for (size_t i = 0; i < fast.size(); ++i) {
    fuzz::must(fast[i].stage == slow[i].stage && fast[i].steps == slow[i].steps);
    fuzz::must(fast[i].columns.size() == slow[i].columns.size());
  }
}

void read_completion(std::string_view line) {
  std::vector<watch::CompletionStep> steps;
  watch::add_completion_line(steps, line, 0);
  fuzz::must(steps.size() <= 1 && (steps.empty() || steps[0].size == line.size() + 1));
  const auto completion = watch::parse_completion(line, 10);
  fuzz::must(!completion || completion->completion.size() <= 10);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SmallRun run;
  std::string_view text = fuzz::as_text(data, size);
  watch::LiveRequest request;
  request.method = fuzz::cut_part(text);
  request.path = fuzz::cut_part(text);
  request.host = fuzz::cut_part(text);
  // The id is not to be guessed.
  if (request.path.starts_with("/run"))
    request.path = "/api/run/" + run.id() + request.path.substr(4);
  read_metrics(fuzz::cut_part(text));
  read_completion(fuzz::cut_part(text));
  while (!text.empty()) {
    const std::string name(fuzz::cut_part(text));
    request.query[name] = fuzz::cut_part(text);
  }
  const watch::LiveAnswer answer = run.site().answer(request);
  fuzz::must(answer.status >= 200 && answer.status < 500);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  fuzz::must(reads || answer.status == 405);
  if (answer.type.starts_with("application/json")) {
    fuzz::must(!nlohmann::json::parse(answer.body, nullptr, false).is_discarded());
  }
  return 0;
}
