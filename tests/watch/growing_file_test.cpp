#include "watch/growing_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <vector>

#include "tests/watch/run_files.h"

using namespace reckon;
using namespace reckon::watch;

namespace {

/// Collects what a GrowingFile gives.
struct Collected {
  explicit Collected(const std::filesystem::path& path) : file(path) {}

  void read() {
    file.read([&] { ++restarts, lines.clear(); },
              [&](std::string_view line, uint64_t) { lines.emplace_back(line); });
  }

  GrowingFile file;
  std::vector<std::string> lines;
  int restarts = 0;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("A growing file gives each line once and a torn line when it is whole") {
  const RunFiles files;
  Collected reader(files.file("a"));
  reader.read();
  CHECK(reader.lines.empty());
  CHECK_FALSE(reader.file.exists());
  files.put("a", "one\ntw");
  reader.read();
  CHECK(reader.lines == Lines{"one"});
  CHECK(reader.file.torn());
  files.append("a", "o\nthree\n");
  reader.read();
  CHECK(reader.lines == Lines{"one", "two", "three"});
  CHECK_FALSE(reader.file.torn());
  CHECK(reader.restarts == 0);
}

TEST_CASE("A file that was cut, replaced or removed is read from its beginning") {
  const RunFiles files;
  Collected reader(files.file("a"));
  files.put("a", "one\ntwo\nthree\n");
  reader.read();
  std::filesystem::resize_file(files.file("a"), 4);
  SUBCASE("seen while it is short") {
    reader.read();
    CHECK(reader.lines == Lines{"one"});
    CHECK(reader.restarts == 1);
  }
  SUBCASE("grown past its old end before it is seen") {
    files.append("a", "TWO\nTHREE\nFOUR\n");
    reader.read();
    CHECK(reader.lines == Lines{"one", "TWO", "THREE", "FOUR"});
  }
  SUBCASE("replaced by another of the same size") {
    files.put("b", "ONE\nTWO\nTHREE\n");
    std::filesystem::rename(files.file("b"), files.file("a"));
    reader.read();
    CHECK(reader.lines == Lines{"ONE", "TWO", "THREE"});
  }
  SUBCASE("removed and made again") {
    std::filesystem::remove(files.file("a"));
    reader.read();
    CHECK(reader.lines.empty());
    files.put("a", "new\n");
    reader.read();
    CHECK(reader.lines == Lines{"new"});
  }
}

TEST_CASE("Lines over the bound are jumped over, long ones below it are whole") {
  const RunFiles files;
  files.put("a", "x\n" + std::string(size_t{17} << 20, 'y') + "\n" +
                     std::string(size_t{3} << 20, 'z') + "\nend\n");
  Collected reader(files.file("a"));
  reader.read();
  REQUIRE(reader.lines.size() == 3);
  CHECK(reader.lines[0] == "x");
  CHECK(reader.lines[1].size() == size_t{3} << 20);
  CHECK(reader.lines[2] == "end");
}

TEST_CASE("A pipe in place of a file does not hang the reader") {
  const RunFiles files;
  REQUIRE(::mkfifo(files.file("a").c_str(), 0600) == 0);
  Collected reader(files.file("a"));
  reader.read();
  CHECK_FALSE(reader.file.exists());
  CHECK_FALSE(stamp_of(files.file("a")));
}

TEST_CASE("A range of lines is read from any line on and ends where asked") {
  const RunFiles files;
  files.put("a", "one\ntwo\nthree\n");
  Lines lines;
  const auto add = [&](std::string_view line, uint64_t) {
    lines.emplace_back(line);
    return true;
  };
  CHECK(for_each_line(files.file("a"), 4, 8, add) == 8);
  CHECK(lines == Lines{"two"});
  CHECK(for_each_line(files.file("a"), 4, 11, add) == 8);
}

TEST_CASE("Paths that links lead out of the folder are not inside") {
  const RunFiles files, outside;
  outside.put("secret", "x");
  files.put("a", "x");
  std::filesystem::create_symlink(outside.file("secret"), files.file("leaves"));
  std::filesystem::create_symlink(files.file("a"), files.file("stays"));
  std::filesystem::create_directory_symlink(outside.path(), files.file("folder"));
  CHECK(stays_inside(files.path(), files.file("a")));
  CHECK(stays_inside(files.path(), files.file("stays")));
  CHECK(stays_inside(files.path(), files.path()));
  CHECK_FALSE(stays_inside(files.path(), files.file("leaves")));
  CHECK_FALSE(stays_inside(files.path(), files.file("folder") / "secret"));
  CHECK_FALSE(stays_inside(files.path(), files.path() / ".." / outside.path().filename()));
  CHECK_FALSE(stays_inside(files.path(), files.file("missing")));
  // A name that only begins alike is another folder.
  CHECK_FALSE(stays_inside(files.path(), files.path().string() + "-2"));
}
