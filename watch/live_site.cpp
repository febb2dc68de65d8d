#include "watch/live_site.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/error.h"
#include "core/json.h"
#include "watch/live_data.h"
#include "watch/page_files.h"

namespace reckon::watch {

namespace {

using nlohmann::json;

constexpr size_t kMostPoints = 20'000;
constexpr size_t kMostResults = 200;
constexpr std::chrono::seconds kMostWaiting{4};

/// Gives a place of a semaphore back.
struct Release {
  void operator()(std::counting_semaphore<2>* places) const { places->release(); }
};

struct StaticFile {
  std::string_view name;
  std::string_view type;
};

constexpr std::string_view kScript = "application/javascript; charset=utf-8";
constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kStyle = "text/css; charset=utf-8";
constexpr auto kStaticFiles = std::to_array<StaticFile>({
    {"report.css", kStyle},
    {"watch.css", kStyle},
    {"dygraph.min.css", kStyle},
    {"dygraph.min.js", kScript},
    {"elements.js", kScript},
    {"curves.js", kScript},
    {"plots.js", kScript},
    {"tables.js", kScript},
    {"answers.js", kScript},
    {"stages.js", kScript},
    {"live_groups.js", kScript},
    {"live_data.js", kScript},
    {"live_plots.js", kScript},
    {"live_panel.js", kScript},
    {"live_cards.js", kScript},
    {"live_answers.js", kScript},
    {"live_help.js", kScript},
    {"live_status.js", kScript},
    {"watch.js", kScript},
    {"dygraphs_notice.txt", kText},
    {"watch.md", kText},
});

LiveAnswer data(const json& value) { return {.body = json_text(value)}; }

LiveAnswer refuse(int status, const char* why) {
  return {.status = status, .body = json_text({{"error", why}})};
}

LiveAnswer static_file(std::string_view name) {
  const auto found = std::find_if(kStaticFiles.begin(), kStaticFiles.end(),
                                  [&](const StaticFile& file) { return file.name == name; });
  if (found == kStaticFiles.end()) return refuse(404, "expected a file of the page");
  return {.type = std::string(found->type), .body = std::string(page_file(name))};
}

std::string text_of(const LiveRequest& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

// A number that the reader must give. Throws `invalid_argument`.
int64_t integer_of(const LiveRequest& request, const char* name) {
  const std::string text = text_of(request, name);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  check(error == std::errc() && end == text.data() + text.size() && !text.empty(),
        ErrorCode::invalid_argument, "expected an integer, got something else, in {}", name);
  return value;
}

// A number from 1 to `most`, which may be left out.
size_t count_of(const LiveRequest& request, const char* name, size_t missing, size_t most) {
  if (!request.query.contains(name)) return missing;
  return static_cast<size_t>(
      std::clamp<int64_t>(integer_of(request, name), 1, static_cast<int64_t>(most)));
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

LiveAnswer metrics_answer(const LiveRequest& request, const RunIndex& index) {
  MetricsQuery query;
  query.keys = split(text_of(request, "keys"));
  query.points = count_of(request, "points", query.points, kMostPoints);
  query.after = text_of(request, "after");
  return data(metrics_json(index, query));
}

LiveAnswer completions_answer(const LiveRequest& request, const AnswerFile& answers) {
  const std::string stage = text_of(request, "stage");
  const int64_t step = integer_of(request, "step");
  if (text_of(request, "full") != "1") return data(groups_json(answers, stage, step));
  const json answer = whole_answer_json(answers, stage, step, integer_of(request, "prompt_index"),
                                        integer_of(request, "sample"));
  return answer.is_null() ? refuse(404, "expected an answer on record") : data(answer);
}

// "127.0.0.1:8080" and "[::1]:8080" without the port.
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

// "192.168.0.7" or "[fe80::1]".
bool is_address(std::string_view host) {
  const bool is_v6 = host.starts_with('[') && host.ends_with(']');
  return !host.empty() && host.find_first_not_of(is_v6 ? "0123456789abcdefABCDEF:.[]"
                                                       : "0123456789.") == std::string_view::npos;
}

bool is_id(std::string_view text) {
  return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

LiveSite::LiveSite(RunCatalog& catalog, std::string host)
    : catalog_(catalog), host_(std::move(host)) {}

// A page of the network may send requests to this machine under a name of its own; the browser then
// says that name here.
bool LiveSite::is_own_host(std::string_view host) const {
  const std::string_view name = without_port(host);
  if (name == "localhost" || name == "127.0.0.1" || name == "[::1]") return true;
  // Who listens everywhere is reached by address; only names can be made to point here.
  if ((host_ == "0.0.0.0" || host_ == "::") && is_address(name)) return true;
  return !name.empty() && (name == host_ || name == "[" + host_ + "]");
}

LiveAnswer LiveSite::answer(const LiveRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    return refuse(405, "expected GET or HEAD: nothing can be changed here");
  }
  if (!is_own_host(request.host)) return refuse(403, "expected this machine's name in Host");
  try {
    return route(request);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::invalid_argument) return refuse(400, error.what());
    return refuse(500, "the run's files could not be read");
  } catch (const std::exception&) {
    return refuse(500, "the run's files could not be read");
  }
}

LiveAnswer LiveSite::route(const LiveRequest& request) const {
  std::string_view path = request.path;
  if (path == "/" || path == "/index.html") {
    return {.type = "text/html; charset=utf-8", .body = std::string(page_file("watch.html"))};
  }
  if (path.starts_with("/static/")) return static_file(path.substr(8));
  if (path == "/api/runs") return data(runs_json(catalog_));
  if (path == "/api/events") return {.type = "text/event-stream", .body = "", .is_events = true};
  constexpr std::string_view run = "/api/run/";
  if (!path.starts_with(run)) return refuse(404, "expected a page of this server");
  path.remove_prefix(run.size());
  const std::string_view id = path.substr(0, path.find('/'));
  path.remove_prefix(id.size());
  if (!is_id(id)) return refuse(404, "expected the id of a run");
  return run_answer(request, std::string(id), path.empty() ? path : path.substr(1));
}

LiveAnswer LiveSite::search_answer(const LiveRequest& request, std::string_view part,
                                   const AnswerFile& answers) const {
  SearchLimits limits;
  limits.results = count_of(request, "limit", part == "search" ? 50 : 200, kMostResults);
  const std::string stage = text_of(request, "stage");
  if (!searches_.try_acquire_for(kMostWaiting)) {
    return refuse(503, "others are searching; ask again in a moment");
  }
  const std::unique_ptr<std::counting_semaphore<2>, Release> place(&searches_);
  if (part == "prompt") {
    return data(prompt_json(answers, integer_of(request, "prompt_index"), stage, limits));
  }
  const std::string text = text_of(request, "q");
  if (text.empty()) return refuse(400, "expected a text to search, in q");
  return data(search_json(answers, text, stage, limits));
}

LiveAnswer LiveSite::run_answer(const LiveRequest& request, const std::string& id,
                                std::string_view part) const {
  constexpr std::array<std::string_view, 6> parts{"",       "metrics", "evaluations", "completions",
                                                  "search", "prompt"};
  if (std::find(parts.begin(), parts.end(), part) == parts.end()) {
    return refuse(404, "expected a page of this server");
  }
  const auto summary = catalog_.find(id);
  const auto open = catalog_.open(id);
  if (!summary || !open) return refuse(404, "expected the id of a run");
  std::unique_lock lock(open->mutex);
  open->index.refresh();
  const RunIndex& index = open->index;
  if (part.empty()) return data(run_json(index, *summary, catalog_.now()));
  if (part == "metrics") return metrics_answer(request, index);
  if (part == "evaluations") return data(evaluations_json(index.run()));
  if (part == "completions" && !request.query.contains("step")) {
    return {.body = completion_steps_text(index.run())};
  }
  // Looking through the answers may take seconds: others need not wait for it.
  AnswerFile answers{index.run().path / "completions.jsonl", index.run().completion_steps};
  if (!index.may_read(answers.file)) answers.steps.clear();
  lock.unlock();
  return part == "completions" ? completions_answer(request, answers)
                               : search_answer(request, part, answers);
}

}  // namespace reckon::watch
