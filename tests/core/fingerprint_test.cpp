#include "core/fingerprint.h"

#include <doctest/doctest.h>

#include "core/files.h"

namespace reckon {
namespace {

TEST_CASE("fingerprint: of a file, changes with its bytes and size, not with its name or time") {
  const TempFolder folder;
  const auto a = folder.path() / "a", b = folder.path() / "b";
  write_file_atomic(a, "one");
  write_file_atomic(b, "one");
  CHECK(fingerprint(a) == fingerprint(b));
  write_file_atomic(b, "two");
  CHECK(fingerprint(a) != fingerprint(b));
  write_file_atomic(b, "one ");
  CHECK(fingerprint(a) != fingerprint(b));
  CHECK(fingerprint(folder.path() / "none") == 0);
}

TEST_CASE("fingerprint: of large data, sees every byte") {
  const TempFolder folder;
  const auto file = folder.path() / "large.jsonl";
  std::string bytes(size_t{20} << 20, 'x');
  write_file_atomic(file, bytes);
  const uint64_t before = fingerprint(file);
  bytes[bytes.size() / 3 + 12345] = 'y';
  write_file_atomic(file, bytes);
  CHECK(fingerprint(file) != before);
}

TEST_CASE("fingerprint: of large weights, sees size, both ends and a sample between them") {
  const TempFolder folder;
  const auto file = folder.path() / "large.safetensors";
  std::string bytes(size_t{20} << 20, 'x');
  write_file_atomic(file, bytes);
  const uint64_t before = fingerprint(file);
  CHECK(fingerprint(file) == before);
  for (const size_t at : {size_t{0}, bytes.size() - 1}) {
    auto changed = bytes;
    changed[at] = 'y';
    write_file_atomic(file, changed);
    CHECK(fingerprint(file) != before);
  }
  bytes += 'x';
  write_file_atomic(file, bytes);
  CHECK(fingerprint(file) != before);
}

TEST_CASE("fingerprint: of a folder, changes with names and bytes of its files") {
  const TempFolder folder, other;
  for (const auto* f : {&folder, &other}) {
    write_file_atomic(f->path() / "config.json", "{}");
    write_file_atomic(f->path() / "weights", "123");
  }
  CHECK(fingerprint(folder.path()) == fingerprint(other.path()));
  write_file_atomic(other.path() / "weights", "124");
  CHECK(fingerprint(folder.path()) != fingerprint(other.path()));
  write_file_atomic(other.path() / "weights", "123");
  std::filesystem::rename(other.path() / "weights", other.path() / "weight");
  CHECK(fingerprint(folder.path()) != fingerprint(other.path()));
}

}  // namespace
}  // namespace reckon
