#include "core/event_filter.h"

#include <doctest/doctest.h>

#include <vector>

#include "core/event_file.h"
#include "core/files.h"

namespace reckon {
namespace {

// Scalars, texts and histograms of the given stages.
std::string events_of(const std::vector<std::string>& stages, const std::string& torn = {}) {
  const TempFolder folder;
  const auto file = folder.path() / EventFileWriter::kFileName;
  {
    EventFileWriter writer(folder.path(), 100.0);
    for (const auto& stage : stages) {
      writer.add_scalar(stage + "/reward", 0.5, 3, 101.0);
      writer.add_text(stage + "/completion", std::string(300, 'x'), 3, 102.0);
      writer.add_histogram(stage + "/length", std::vector<double>{1, 2, 300}, 3, 103.0);
    }
  }
  return read_file(file) + torn;
}

std::string filtered(const std::string& bytes, const std::string& prefix) {
  const TempFolder folder;
  const auto file = folder.path() / "events";
  write_file_atomic(file, bytes);
  drop_events(file, [&](std::string_view tag) { return tag.starts_with(prefix); });
  return read_file(file);
}

TEST_CASE("event filter: what is left is what would have been written without the stage") {
  CHECK(filtered(events_of({"base", "zero", "more"}), "zero/") == events_of({"base", "more"}));
  CHECK(filtered(events_of({"base", "zero"}), "none/") == events_of({"base", "zero"}));
  CHECK(filtered(events_of({"base"}), "base/") == events_of({}));
}

TEST_CASE("event filter: a torn or broken end is cut off, a missing file is fine") {
  CHECK(filtered(events_of({"base"}, std::string(11, '\x7f')), "zero/") == events_of({"base"}));
  CHECK(filtered(events_of({"base"}, std::string(40, '\xff')), "zero/") == events_of({"base"}));
  CHECK(filtered("", "zero/").empty());
  const TempFolder folder;
  drop_events(folder.path() / "nothing", [](std::string_view) { return true; });
  CHECK_FALSE(std::filesystem::exists(folder.path() / "nothing"));
}

}  // namespace
}  // namespace reckon
