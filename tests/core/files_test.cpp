#include "core/files.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <iterator>
#include <string>

#include "tests/core/size_limit.h"
#include "tests/core/thrown_error.h"

namespace fs = std::filesystem;
using reckon::ErrorCode;
using reckon::read_file;
using reckon::TempFolder;
using reckon::write_file_atomic;
using reckon::tests::thrown_by;

namespace {

int64_t num_entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

}  // namespace

TEST_CASE("a file written atomically holds the bytes and leaves nothing beside it") {
  const TempFolder folder;
  const std::string bytes("a\0b\n", 4);
  write_file_atomic(folder.path() / "f", bytes);
  CHECK(read_file(folder.path() / "f") == bytes);
  write_file_atomic(folder.path() / "f", "");
  CHECK(read_file(folder.path() / "f").empty());
  CHECK(num_entries(folder.path()) == 1);
}

TEST_CASE("when the disk is full the old file stays, the new one goes, and the reason is told") {
  const TempFolder folder;
  const fs::path path = folder.path() / "f";
  write_file_atomic(path, "old");
  reckon::tests::ThrownError error;
  {
    const reckon::tests::SizeLimit limit(1000);
    error = thrown_by([&] { write_file_atomic(path, std::string(5000, 'x')); });
  }
  CHECK(error.code == ErrorCode::io);
  CHECK(error.says(path.string()));
  CHECK(error.says("too large"));
  CHECK(read_file(path) == "old");
  CHECK(num_entries(folder.path()) == 1);
}

TEST_CASE("an uncommitted file is invisible and goes away") {
  const TempFolder folder;
  {
    reckon::AtomicFile file(folder.path() / "f");
    file.write(std::string_view("part"));
    CHECK_FALSE(fs::exists(folder.path() / "f"));
    reckon::AtomicFile other(folder.path() / "f");  // gets a temporary name of its own
    CHECK(num_entries(folder.path()) == 2);
  }
  CHECK(num_entries(folder.path()) == 0);
}

TEST_CASE("writing where there is no folder is an error that names the file") {
  const TempFolder folder;
  const auto error = thrown_by([&] { write_file_atomic(folder.path() / "no" / "f", "x"); });
  CHECK(error.code == ErrorCode::io);
  CHECK(error.says("no/f"));
  fs::create_directory(folder.path() / "taken");
  CHECK(thrown_by([&] { write_file_atomic(folder.path() / "taken", "x"); }).code == ErrorCode::io);
  CHECK(num_entries(folder.path()) == 1);
}

TEST_CASE("what is no readable regular file is refused, and never waited for") {
  const TempFolder folder;
  const fs::path pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(thrown_by([&] { read_file(pipe); }).says("special file"));
  CHECK(thrown_by([&] { reckon::MappedFile{pipe}; }).says("special file"));
  CHECK(thrown_by([&] { read_file(folder.path()); }).says("a folder"));
  CHECK(thrown_by([&] { reckon::MappedFile{folder.path()}; }).says("a folder"));
  CHECK(thrown_by([&] { read_file(folder.path() / "none"); }).code == ErrorCode::not_found);
  CHECK(thrown_by([&] { reckon::MappedFile{folder.path() / "none"}; }).code ==
        ErrorCode::not_found);
  CHECK(thrown_by([&] { read_file(pipe / "x"); }).code == ErrorCode::not_found);
}

TEST_CASE("read_file keeps to its limit") {
  const TempFolder folder;
  write_file_atomic(folder.path() / "f", "12345");
  CHECK(read_file(folder.path() / "f", 5) == "12345");
  CHECK(thrown_by([&] { read_file(folder.path() / "f", 4); }).code == ErrorCode::invalid_argument);
  CHECK(read_file("/proc/self/stat").size() > 10);  // its size is said to be 0
}

TEST_CASE("a published folder replaces an older one whole") {
  const TempFolder folder;
  const fs::path temp = folder.path() / "model.tmp-1";
  const fs::path final_folder = folder.path() / "model";
  for (const std::string text : {"one", "two"}) {
    fs::create_directories(temp / "deep");
    write_file_atomic(temp / "deep" / "f", text);
    if (text == "one") write_file_atomic(temp / "only_old", "x");
    reckon::publish_folder(temp, final_folder / "");
    CHECK(read_file(final_folder / "deep" / "f") == text);
    CHECK_FALSE(fs::exists(temp));
  }
  CHECK_FALSE(fs::exists(final_folder / "only_old"));
  CHECK(num_entries(folder.path()) == 1);
}

TEST_CASE("publishing a folder that is not there is an error and keeps the old one") {
  const TempFolder folder;
  fs::create_directory(folder.path() / "model");
  CHECK(thrown_by([&] {
          reckon::publish_folder(folder.path() / "none", folder.path() / "model");
        }).code == ErrorCode::io);
  CHECK(fs::exists(folder.path() / "model"));
}

TEST_CASE("leftovers of killed programs are removed and nothing else") {
  const TempFolder folder;
  write_file_atomic(folder.path() / "keep.jsonl", "x");
  write_file_atomic(folder.path() / "keep.tmp", "x");
  write_file_atomic(folder.path() / "f.tmp-12-0", "x");
  fs::create_directories(folder.path() / "checkpoint-000120.tmp-12" / "deep");
  write_file_atomic(folder.path() / "checkpoint-000120.tmp-12" / "deep" / "f", "x");
  CHECK(reckon::remove_leftovers(folder.path()) == 2);
  CHECK(num_entries(folder.path()) == 2);
  CHECK(reckon::remove_leftovers(folder.path() / "none") == 0);
}

TEST_CASE("a temporary folder goes away with what is in it") {
  fs::path path;
  {
    const TempFolder folder;
    const TempFolder other;
    path = folder.path();
    CHECK(path != other.path());
    fs::create_directories(path / "a" / "b");
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a mapped file shows the bytes, also after a move and when empty") {
  const TempFolder folder;
  write_file_atomic(folder.path() / "f", "abc");
  reckon::MappedFile first(folder.path() / "f");
  reckon::MappedFile second(std::move(first));
  REQUIRE(second.bytes().size() == 3);
  CHECK(second.bytes()[2] == std::byte{'c'});
  CHECK(first.bytes().empty());
  write_file_atomic(folder.path() / "empty", "");
  second = reckon::MappedFile(folder.path() / "empty");
  CHECK(second.bytes().empty());
  CHECK(second.path() == folder.path() / "empty");
}

TEST_CASE("free disk space is known also for what does not exist yet") {
  const TempFolder folder;
  CHECK(reckon::free_disk_bytes(folder.path()) > 0);
  CHECK(reckon::free_disk_bytes(folder.path() / "runs" / "new" / "f") > 0);
  CHECK(reckon::free_disk_bytes("not-there-yet") > 0);
}
