#include "core/event_file.h"

#include <doctest/doctest.h>

#include <cstring>
#include <limits>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "tests/core/size_limit.h"
#include "tests/core/thrown_error.h"

namespace reckon {
namespace {

constexpr double kStart = 1732280000.25;

std::filesystem::path file_in(const TempFolder& folder) {
  return folder.path() / EventFileWriter::kFileName;
}

std::uint64_t size_of(const TempFolder& folder) {
  return std::filesystem::file_size(file_in(folder));
}

// The number of records of an event file, by their lengths; the file must end with a record.
std::size_t count_records(const std::string& bytes) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < bytes.size(); ++count) {
    std::uint64_t length = 0;
    REQUIRE(bytes.size() - at >= sizeof(length));
    std::memcpy(&length, bytes.data() + at, sizeof(length));
    at += length + 16;
    REQUIRE(at <= bytes.size());
  }
  return count;
}

TEST_CASE("event file: scalars, texts and histograms have the bytes that TensorBoard writes") {
  const TempFolder folder;
  {
    EventFileWriter writer(folder.path(), kStart);
    writer.add_scalar("zero/reward", 0.25, 1, kStart + 1);
    writer.add_scalar("zero/reward", 0.0, 2, kStart + 2);
    writer.add_scalar("zero/loss", -1.5e-7, 300, kStart + 300);
    const std::int64_t late = std::int64_t{1} << 40;
    writer.add_scalar("länge", 1e300, late, kStart + static_cast<double>(late));
    writer.add_text("zero/completion", "10 * 5 - 6 ä\n", 7, kStart + 7);
    writer.add_histogram("zero/equal", std::vector<double>{2.5, 2.5}, 8, kStart + 8);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    writer.add_histogram("zero/lengths", std::vector<double>{1, 2.5, nan, 31, 2.5}, 9, kStart + 9);
  }
  CHECK(read_file(file_in(folder)) == read_file("tests/golden/events.tfevents"));
}

TEST_CASE("event file: a run resumed at an offset ends with the bytes of one that went through") {
  const TempFolder through;
  const TempFolder resumed;
  std::uint64_t offset = 0;
  for (const TempFolder* folder : {&through, &resumed}) {
    EventFileWriter writer(folder->path(), kStart);
    writer.add_scalar("reward", 0.5, 1, kStart);
    writer.sync();
    offset = writer.offset();
    CHECK(offset == size_of(*folder));
    writer.add_scalar("reward", folder == &through ? 0.75 : 99.0, 2, kStart);
  }
  CHECK(read_file(file_in(through)) != read_file(file_in(resumed)));
  {
    EventFileWriter writer(resumed.path(), kStart + 1000, offset);
    CHECK(writer.offset() == offset);
    writer.add_scalar("reward", 0.75, 2, kStart);
  }
  CHECK(read_file(file_in(through)) == read_file(file_in(resumed)));
}

TEST_CASE("event file: without an offset an old file is replaced") {
  const TempFolder folder;
  for (int i = 0; i < 2; ++i) {
    EventFileWriter writer(folder.path(), kStart);
    writer.add_scalar("reward", 0.5, 1, kStart);
  }
  CHECK(count_records(read_file(file_in(folder))) == 2);
}

TEST_CASE("event file: records reach the file with flush, and in between when many collect") {
  const TempFolder folder;
  EventFileWriter writer(folder.path(), kStart);
  writer.add_scalar("reward", 0.5, 1, kStart);
  CHECK(size_of(folder) == 0);
  CHECK(writer.offset() > 0);
  writer.flush();
  CHECK(size_of(folder) == writer.offset());
  for (int step = 2; step < 5000; ++step) writer.add_scalar("reward", 0.5, step, kStart);
  CHECK(size_of(folder) > 100'000);
  CHECK(count_records(read_file(file_in(folder))) > 1000);
}

TEST_CASE("event file: values that are not finite do not break histograms, texts or scalars") {
  const TempFolder folder;
  const double infinity = std::numeric_limits<double>::infinity();
  const double largest = std::numeric_limits<double>::max();
  EventFileWriter writer(folder.path(), kStart);
  writer.add_histogram("none", {}, 1, kStart);
  writer.add_histogram("none", std::vector<double>{infinity, -infinity}, 1, kStart);
  writer.flush();
  CHECK(count_records(read_file(file_in(folder))) == 1);
  writer.add_histogram("wide", std::vector<double>{-largest, 0, largest}, 1, kStart);
  writer.add_histogram("narrow", std::vector<double>{0, 5e-324}, 1, kStart);
  writer.add_scalar("scalar", -infinity, -1, kStart);
  writer.add_text("text", "\xff broken \xc3", 1, kStart);
  writer.flush();
  const std::string bytes = read_file(file_in(folder));
  CHECK(count_records(bytes) == 5);
  CHECK(bytes.find("\xEF\xBF\xBD broken \xEF\xBF\xBD") != std::string::npos);
}

TEST_CASE("event file: a tag that is empty or not UTF-8 is refused and adds nothing") {
  const TempFolder folder;
  EventFileWriter writer(folder.path(), kStart);
  const std::uint64_t offset = writer.offset();
  CHECK_THROWS_AS(writer.add_scalar("", 1, 1, kStart), Error);
  CHECK_THROWS_AS(writer.add_text("\xc3(", "text", 1, kStart), Error);
  CHECK_THROWS_AS(writer.add_histogram("\xed\xa0\x80", {}, 1, kStart), Error);
  CHECK(writer.offset() == offset);
}

TEST_CASE("event file: a missing folder, a missing and a shorter file are errors on opening") {
  const TempFolder folder;
  const auto code_of = [](const std::filesystem::path& path, std::uint64_t offset) {
    return tests::thrown_by([&] { EventFileWriter writer(path, kStart, offset); }).code;
  };
  CHECK(code_of(folder.path() / "missing", 0) == ErrorCode::not_found);
  CHECK(code_of(folder.path(), 10) == ErrorCode::not_found);
  write_file_atomic(file_in(folder), "too short");
  CHECK(code_of(folder.path(), 10) == ErrorCode::corrupt);
  CHECK(read_file(file_in(folder)) == "too short");
}

TEST_CASE("event file: after a full disk the file ends with a whole record and can go on") {
  const TempFolder folder;
  EventFileWriter writer(folder.path(), kStart);
  writer.add_scalar("reward", 0.5, 1, kStart);
  writer.flush();
  const std::uint64_t good = size_of(folder);

  tests::ThrownError thrown;
  std::uint64_t after_failure = 0;
  {
    const tests::SizeLimit full_disk(good + 10);
    writer.add_scalar("reward", 0.75, 2, kStart);
    thrown = tests::thrown_by([&] { writer.flush(); });
    after_failure = size_of(folder);
  }
  CHECK(thrown.code == ErrorCode::io);
  CHECK(thrown.says(EventFileWriter::kFileName));
  CHECK(after_failure == good);
  writer.flush();
  CHECK(count_records(read_file(file_in(folder))) == 3);
  CHECK(size_of(folder) == writer.offset());
}

}  // namespace
}  // namespace reckon
