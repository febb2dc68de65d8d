#include "core/safetensors.h"

#include <doctest/doctest.h>

#include <cstring>
#include <numeric>

#include "core/error.h"
#include "core/files.h"
#include "tests/byte_mutation.h"
#include "tests/core/size_limit.h"
#include "tests/core/thrown_error.h"

namespace reckon {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

template <class T>
std::span<const std::byte> bytes_of(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

// A file with this header and `data_bytes` zero bytes after it.
std::string file_with(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::string file(sizeof(length), '\0');
  std::memcpy(file.data(), &length, sizeof(length));
  return file + header + std::string(data_bytes, '\0');
}

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

tests::ThrownError parse(const std::string& file) {
  return tests::thrown_by([&] { SafetensorsFile::parse(bytes_of(file), "bad.safetensors"); });
}

// Checks that the file is refused as corrupt with a message that names the file and holds `text`.
void check_corrupt(const std::string& file, const std::string& text) {
  const tests::ThrownError thrown = parse(file);
  CAPTURE(thrown.text);
  CHECK(thrown.code == ErrorCode::corrupt);
  CHECK(thrown.says("bad.safetensors"));
  CHECK(thrown.says(text));
}

// Two tensors and a text: the file that other cases damage.
std::string small_file() {
  return file_with("{\"__metadata__\":{\"format\":\"pt\"}," +
                       entry("weight", "F32", "[2,3]", "[0,24]") + "," +
                       entry("ids", "I64", "[2]", "[24,40]") + "}  ",
                   40);
}

TEST_CASE("safetensors: every type made by the Python library is read with its values") {
  const auto file = SafetensorsFile::open("tests/golden/types.safetensors");
  CHECK(file.metadata() == std::map<std::string, std::string>{{"format", "pt"}});
  CHECK(file.names().size() == 14);
  CHECK(file.names().front() == "ids.i64");
  CHECK(file.names().back() == "mask.bool");

  const TensorView& wide = file.at("layer.f64");
  CHECK(wide.type == TensorType::f64);
  CHECK(wide.shape == std::vector<std::int64_t>{2, 3});
  std::vector<double> values(6);
  std::memcpy(values.data(), wide.bytes.data(), wide.bytes.size());
  CHECK(values == std::vector<double>{-0.75, -0.5, -0.25, 0, 0.25, 0.5});

  CHECK(file.at("a.bf16").type == TensorType::bf16);
  CHECK(file.at("mask.bool").type == TensorType::boolean);
  CHECK(file.at("scalar").shape.empty());
  CHECK(file.at("scalar").bytes.size() == 4);
  CHECK(file.at("empty").shape == std::vector<std::int64_t>{0, 4});
  CHECK(file.at("empty").bytes.empty());
  CHECK(file.find("nothing") == nullptr);
  CHECK_THROWS_AS(file.at("nothing"), Error);
}

TEST_CASE("safetensors: the writer gives the bytes of the Python library, whatever the order") {
  const std::filesystem::path golden = "tests/golden/types.safetensors";
  const auto file = SafetensorsFile::open(golden);
  std::vector<NamedTensor> tensors;
  for (const std::string& name : file.names()) {
    const TensorView& view = file.at(name);
    tensors.push_back({name, view.type, view.shape, view.bytes});
  }
  const TempFolder folder;
  for (const bool reversed : {false, true}) {
    if (reversed) std::reverse(tensors.begin(), tensors.end());
    const auto path = folder.path() / "copy.safetensors";
    write_safetensors(path, tensors, file.metadata());
    CHECK(read_file(path) == read_file(golden));
  }
}

TEST_CASE("safetensors: what is written is read back, aligned, and replaces the old file") {
  const TempFolder folder;
  const auto path = folder.path() / "model.safetensors";
  const std::vector<float> weight = {1.5f, -2.0f, 0.25f};
  const std::vector<std::int64_t> ids = {1, std::int64_t{1} << 60};
  write_safetensors(path, {{"old", TensorType::f32, {3}, bytes_of(weight)}});
  write_safetensors(path,
                    {{"weight", TensorType::f32, {3, 1}, bytes_of(weight)},
                     {"ids", TensorType::i64, {2}, bytes_of(ids)}},
                    {{"note", "\"quoted\" \n ä"}, {"b", ""}});

  const auto file = SafetensorsFile::open(path);
  CHECK(file.names() == std::vector<std::string>{"ids", "weight"});
  CHECK(file.metadata().at("note") == "\"quoted\" \n ä");
  CHECK(file.metadata().size() == 2);
  const TensorView& view = file.at("ids");
  CHECK(reinterpret_cast<std::uintptr_t>(view.bytes.data()) % 8 == 0);
  CHECK(std::memcmp(view.bytes.data(), ids.data(), view.bytes.size()) == 0);
  CHECK(file.at("weight").shape == std::vector<std::int64_t>{3, 1});
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("safetensors: copies of a file keep its bytes alive") {
  std::optional<SafetensorsFile> file = SafetensorsFile::open("tests/golden/types.safetensors");
  const SafetensorsFile copy = *file;
  file.reset();
  const auto bytes = copy.at("mask.u8").bytes;
  CHECK(std::to_integer<int>(bytes[1]) == 255);
}

TEST_CASE("safetensors: a file without tensors is written and read") {
  const TempFolder folder;
  write_safetensors(folder.path() / "none.safetensors", {});
  const auto file = SafetensorsFile::open(folder.path() / "none.safetensors");
  CHECK(file.names().empty());
  CHECK(file.metadata().empty());
}

TEST_CASE("safetensors: the writer refuses bad tensors before it touches the disk") {
  const TempFolder folder;
  const auto path = folder.path() / "model.safetensors";
  const std::vector<float> two = {1, 2};
  const auto refuse = [&](std::vector<NamedTensor> tensors,
                          const std::map<std::string, std::string>& metadata = {}) {
    CHECK_THROWS_AS(write_safetensors(path, std::move(tensors), metadata), Error);
    CHECK(std::filesystem::is_empty(folder.path()));
  };
  refuse({{"a", TensorType::f32, {3}, bytes_of(two)}});
  refuse({{"a", TensorType::f32, {-2}, bytes_of(two)}});
  refuse({{"a", TensorType::f32, {std::int64_t{1} << 62, 4}, bytes_of(two)}});
  refuse({{"__metadata__", TensorType::f32, {2}, bytes_of(two)}});
  refuse({{"\xff", TensorType::f32, {2}, bytes_of(two)}});
  refuse({{"a", TensorType::f32, {2}, bytes_of(two)}, {"a", TensorType::f32, {2}, bytes_of(two)}});
  refuse({{"a", TensorType::f32, {2}, bytes_of(two)}}, {{"key", "\xff"}});
}

TEST_CASE("safetensors: a full disk is an io error and leaves the old file and nothing else") {
  const TempFolder folder;
  const auto path = folder.path() / "model.safetensors";
  const std::vector<float> old_values = {1, 2};
  write_safetensors(path, {{"old", TensorType::f32, {2}, bytes_of(old_values)}});

  const std::vector<float> big(1 << 20);
  tests::ThrownError thrown;
  {
    const tests::SizeLimit full_disk(1 << 20);
    thrown = tests::thrown_by([&] {
      write_safetensors(path, {{"big", TensorType::f32, {1 << 20}, bytes_of(big)}});
    });
  }
  CHECK(thrown.code == ErrorCode::io);
  CHECK(thrown.says("model.safetensors"));
  CHECK(SafetensorsFile::open(path).names() == std::vector<std::string>{"old"});
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("safetensors: a missing file is not_found, an empty one and a folder are errors") {
  const TempFolder folder;
  const auto missing = folder.path() / "missing.safetensors";
  CHECK(tests::thrown_by([&] { SafetensorsFile::open(missing); }).code == ErrorCode::not_found);
  CHECK_THROWS_AS(SafetensorsFile::open(folder.path()), Error);
  write_file_atomic(folder.path() / "empty", "");
  CHECK_THROWS_AS(SafetensorsFile::open(folder.path() / "empty"), Error);
}

TEST_CASE("safetensors: a file cut at any byte, or longer by one, is corrupt") {
  const std::string whole = small_file();
  CHECK(SafetensorsFile::parse(bytes_of(whole), "whole").names().size() == 2);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    check_corrupt(whole.substr(0, size), "expected");
  }
  check_corrupt(whole + '\0', "belong to no tensor");
}

TEST_CASE("safetensors: hostile header lengths are corrupt") {
  std::string file = small_file();
  for (const std::uint64_t length :
       {std::uint64_t{0}, std::uint64_t{1} << 40, ~std::uint64_t{0}, ~std::uint64_t{0} - 7,
        std::uint64_t{1} << 63, std::uint64_t{file.size() - 7}}) {
    std::memcpy(file.data(), &length, sizeof(length));
    check_corrupt(file, "header");
  }
  // Over the limit although the file is that long.
  check_corrupt(file_with(std::string(100'000'001, ' '), 0), "100000000");
}

TEST_CASE("safetensors: malformed headers are corrupt and the message says why") {
  const auto one = [](const std::string& dtype, const std::string& shape,
                      const std::string& offsets) {
    return file_with("{" + entry("w", dtype, shape, offsets) + "}", 8);
  };
  check_corrupt(file_with("{", 0), "line 1");
  check_corrupt(file_with("[]", 0), "begins with '{'");
  check_corrupt(file_with(" {}", 0), "begins with '{'");
  check_corrupt(file_with("{\"w\":3}", 0), "an object");
  check_corrupt(file_with("{\"w\":{}}", 0), "`dtype`");
  check_corrupt(file_with("{\"__metadata__\":{\"a\":1}}", 0), "a text");
  check_corrupt(file_with("{\"__metadata__\":[]}", 0), "an object");
  check_corrupt(file_with("{\"w\xff\":{}}", 0), "line 1");
  check_corrupt(one("F33", "[2]", "[0,8]"), "\"F33\"");
  check_corrupt(one("F32", "2", "[0,8]"), "shape");
  check_corrupt(one("F32", "[-2]", "[0,8]"), "-2");
  check_corrupt(one("F32", "[2.0]", "[0,8]"), "2.0");
  check_corrupt(one("F32", "[\"2\"]", "[0,8]"), "shape");
  check_corrupt(one("F32", "[4611686018427387904,4]", "[0,0]"), "63 bits");
  check_corrupt(one("F32", "[0,4611686018427387904,4]", "[0,0]"), "63 bits");
  check_corrupt(one("F32", "[18446744073709551615]", "[0,8]"), "18446744073709551615");
  check_corrupt(one("F32", "[3]", "[0,8]"), "12 bytes");
  check_corrupt(one("F32", "[2]", "[8,0]"), "8 to 0");
  check_corrupt(one("F32", "[2]", "[0,9]"), "0 to 9");
  check_corrupt(one("F32", "[2]", "[0,18446744073709551615]"), "18446744073709551615");
  check_corrupt(one("F32", "[2]", "[0]"), "two numbers");
  check_corrupt(one("F32", "[2]", "[0,-8]"), "-8");
  const std::string ones = "[1" + std::string(200, ' ') + ",1,1]";
  CHECK_NOTHROW(SafetensorsFile::parse(
      bytes_of(file_with("{" + entry("w", "F64", ones, "[0,8]") + "}", 8)), "padded"));
}

TEST_CASE("safetensors: overlaps, holes, repeated names and deep nesting are corrupt") {
  const auto two = [](const std::string& a, const std::string& b, std::size_t size) {
    return file_with("{" + a + "," + b + "}", size);
  };
  const std::string first = entry("a", "F32", "[2]", "[0,8]");
  check_corrupt(two(first, entry("b", "F32", "[2]", "[4,12]"), 12), "overlap");
  check_corrupt(two(first, entry("b", "F32", "[2]", "[0,8]"), 8), "overlap");
  check_corrupt(two(first, entry("b", "F32", "[1]", "[12,16]"), 16), "hole");
  check_corrupt(two(first, entry("a", "F32", "[1]", "[8,12]"), 12), "again");
  check_corrupt(file_with("{\"a\":" + std::string(100'000, '['), 0), "levels");
}

TEST_CASE("safetensors: an element type that exists but is not supported is said to be so") {
  const auto thrown = parse(file_with("{" + entry("w", "F8_E4M3", "[8]", "[0,8]") + "}", 8));
  CHECK(thrown.code == ErrorCode::unsupported);
  CHECK(thrown.says("F8_E4M3"));
}

TEST_CASE("safetensors: 100,000 damaged files are refused or read within their bounds") {
  const std::string whole = small_file();
  ByteMutation mutation(1);
  std::size_t refused = 0;
  std::uint64_t sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string damaged = mutation.damage(whole);
    try {
      const auto file = SafetensorsFile::parse(bytes_of(damaged), "damaged");
      for (const std::string& name : file.names()) {
        for (const std::byte byte : file.at(name).bytes) sum += std::to_integer<unsigned>(byte);
      }
    } catch (const Error& error) {
      REQUIRE((error.code() == ErrorCode::corrupt || error.code() == ErrorCode::unsupported));
      ++refused;
    }
  }
  CHECK(refused > 50'000);
  CHECK(refused < 100'000);
  CHECK(sum > 0);
}

}  // namespace
}  // namespace reckon
