#include "core/jsonl.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/files.h"
#include "tests/core/size_limit.h"
#include "tests/core/thrown_error.h"

using nlohmann::json;
using reckon::ErrorCode;
using reckon::for_each_jsonl;
using reckon::JsonlMode;
using reckon::JsonlReader;
using reckon::JsonlWriter;
using reckon::read_file;
using reckon::TempFolder;
using reckon::tests::thrown_by;

namespace {

void put(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

TEST_CASE("lines are appended, also by a later writer, and the offset is where the next begins") {
  const TempFolder folder;
  const auto path = folder.path() / "f.jsonl";
  {
    JsonlWriter writer(path);
    writer.write({{"a", 1}});
    CHECK(writer.offset() == 8);
    writer.flush();
  }
  JsonlWriter writer;
  CHECK_FALSE(writer.is_open());
  writer.open(path);
  CHECK(writer.offset() == 8);
  writer.write({{"t", "x\ny\xff"}});
  CHECK(read_file(path) == "{\"a\":1}\n{\"t\":\"x\\ny\xEF\xBF\xBD\"}\n");
  CHECK(writer.offset() == read_file(path).size());
}

TEST_CASE("a writer cuts a torn last line off") {
  const TempFolder folder;
  const auto path = folder.path() / "f.jsonl";
  for (const std::string& torn : {std::string("{\"b\":"), std::string(200000, 'x')}) {
    put(path, "{\"a\":1}\n" + torn);
    JsonlWriter writer(path);
    CHECK(writer.offset() == 8);
    CHECK(read_file(path) == "{\"a\":1}\n");
  }
  put(path, "{\"a\"");
  CHECK(JsonlWriter(path).offset() == 0);
  CHECK(read_file(path).empty());
}

TEST_CASE("a line that does not fit on the disk is taken back and the reason told") {
  const TempFolder folder;
  const auto path = folder.path() / "f.jsonl";
  JsonlWriter writer(path);
  writer.write({{"a", 1}});
  reckon::tests::ThrownError error;
  {
    const reckon::tests::SizeLimit limit(100);
    error = thrown_by([&] { writer.write({{"b", std::string(200, 'x')}}); });
  }
  CHECK(error.code == ErrorCode::io);
  CHECK(error.says(path.string()));
  CHECK(error.says("too large"));
  CHECK(writer.offset() == 8);
  CHECK(read_file(path) == "{\"a\":1}\n");
  writer.write({{"c", 3}});
  CHECK(read_file(path) == "{\"a\":1}\n{\"c\":3}\n");
}

TEST_CASE("a writer without a usable file says so") {
  const TempFolder folder;
  CHECK(thrown_by([] { JsonlWriter().write(1); }).code == ErrorCode::internal);
  CHECK(thrown_by([&] { JsonlWriter{folder.path()}; }).code == ErrorCode::io);
  CHECK(thrown_by([&] { JsonlWriter{folder.path() / "no" / "f"}; }).says("no/f"));
  CHECK(thrown_by([] { JsonlWriter{"/dev/full"}; }).code == ErrorCode::io);
}

TEST_CASE("truncate cuts lines and only lines") {
  const TempFolder folder;
  const auto path = folder.path() / "f.jsonl";
  put(path, "{\"a\":1}\n{\"b\":2}\n{\"c\"");
  JsonlWriter::truncate(path, 16);
  CHECK(read_file(path) == "{\"a\":1}\n{\"b\":2}\n");
  CHECK(thrown_by([&] { JsonlWriter::truncate(path, 17); }).code == ErrorCode::corrupt);
  CHECK(thrown_by([&] { JsonlWriter::truncate(path, 9); }).says("middle"));
  CHECK(read_file(path) == "{\"a\":1}\n{\"b\":2}\n");
  JsonlWriter::truncate(path, 8);
  CHECK(read_file(path) == "{\"a\":1}\n");
  JsonlWriter::truncate(path, 0);
  CHECK(read_file(path).empty());
  JsonlWriter::truncate(folder.path() / "none", 0);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "none"));
  CHECK(thrown_by([&] { JsonlWriter::truncate(folder.path() / "none", 5); }).code ==
        ErrorCode::corrupt);
}

TEST_CASE("a reader gives values with line numbers and skips blank lines") {
  const TempFolder folder;
  const auto path = folder.path() / "f.jsonl";
  put(path, "{\"a\":1}\r\n\n  \n[2]\n");
  std::vector<std::pair<json, uint64_t>> seen;
  const bool torn = for_each_jsonl(
      path, [&](const json& value, uint64_t line) { seen.emplace_back(value, line); });
  CHECK_FALSE(torn);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0] == std::pair<json, uint64_t>{{{"a", 1}}, 1});
  CHECK(seen[1] == std::pair<json, uint64_t>{json::array({2}), 4});
}

TEST_CASE("a log's half-written last line is left out, a data set's is an error") {
  const TempFolder folder;
  const auto path = folder.path() / "f.jsonl";
  put(path, "{\"a\":1}\n{\"b\":");
  int count = 0;
  CHECK(for_each_jsonl(path, [&](const json&, uint64_t) { ++count; }));
  CHECK(count == 1);
  const auto error = thrown_by([&] {
    for_each_jsonl(
        path, [](const json&, uint64_t) {}, JsonlMode::strict);
  });
  CHECK(error.code == ErrorCode::corrupt);
  CHECK(error.says(path.string() + " line 2"));
}

TEST_CASE("a data set may end without a newline") {
  const TempFolder folder;
  const auto path = folder.path() / "f.jsonl";
  put(path, "{\"a\":1}\n{\"b\":2}");
  JsonlReader reader(path, JsonlMode::strict);
  CHECK(reader.next() == json{{"a", 1}});
  CHECK(reader.next() == json{{"b", 2}});
  CHECK(reader.offset() == 15);
  CHECK_FALSE(reader.next());
  CHECK_FALSE(reader.torn());
}

TEST_CASE("a broken line in the middle is an error with file and line in both modes") {
  const TempFolder folder;
  const auto path = folder.path() / "f.jsonl";
  put(path, "{\"a\":1}\n{\"b\":\n{\"c\":3}\n");
  for (const auto mode : {JsonlMode::tolerant, JsonlMode::strict}) {
    const auto error = thrown_by([&] {
      for_each_jsonl(
          path, [](const json&, uint64_t) {}, mode);
    });
    CHECK(error.code == ErrorCode::corrupt);
    CHECK(error.says(path.string() + " line 2"));
  }
}

TEST_CASE("a reader goes on where it was told to and when the file has grown") {
  const TempFolder folder;
  const auto path = folder.path() / "f.jsonl";
  put(path, "{\"a\":1}\n{\"b\":");
  JsonlReader reader(path);
  CHECK(reader.next() == json{{"a", 1}});
  CHECK(reader.offset() == 8);
  CHECK_FALSE(reader.next());
  CHECK(reader.torn());
  CHECK(reader.offset() == 8);
  std::ofstream(path, std::ios::app) << "2}\n";
  CHECK(reader.next() == json{{"b", 2}});
  CHECK_FALSE(reader.torn());
  CHECK(reader.line_number() == 2);
  reader.seek(8, 2);
  CHECK(reader.next() == json{{"b", 2}});
  CHECK(reader.line_number() == 2);
  reader.seek(1000);
  CHECK_FALSE(reader.next());
}

TEST_CASE("lines longer than the reader's pieces come whole") {
  const TempFolder folder;
  const auto path = folder.path() / "f.jsonl";
  JsonlWriter writer(path);
  std::vector<size_t> sizes;
  for (const size_t size : {size_t{1}, size_t{65533}, size_t{65536}, size_t{1000000}, size_t{3}}) {
    sizes.push_back(size);
    writer.write(std::string(size, 'x'));
  }
  JsonlReader reader(path);
  for (const size_t size : sizes) CHECK(reader.next() == json(std::string(size, 'x')));
  CHECK_FALSE(reader.next());
  CHECK(reader.offset() == writer.offset());
}

TEST_CASE("a missing file and a folder are told apart") {
  const TempFolder folder;
  CHECK(thrown_by([&] { JsonlReader{folder.path() / "none"}; }).code == ErrorCode::not_found);
  CHECK(thrown_by([&] { JsonlReader{folder.path()}; }).code == ErrorCode::io);
}
