#include "policy/gguf/gguf_file.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "core/files.h"
#include "tests/byte_mutation.h"
#include "tests/core/thrown_error.h"
#include "tests/policy/gguf_bytes.h"

namespace reckon::policy {
namespace {

using tests::bytes_of;
using tests::file_with;
using tests::list;
using tests::raw;
using tests::tensor;
using tests::text;
using tests::value;

void check_refused(const std::string& file, const std::string& part,
                   ErrorCode code = ErrorCode::corrupt) {
  const auto thrown =
      reckon::tests::thrown_by([&] { GgufFile::parse(bytes_of(file), "bad.gguf"); });
  CAPTURE(thrown.text);
  CAPTURE(part);
  CHECK(thrown.code == code);
  CHECK(thrown.says("bad.gguf"));
  CHECK(thrown.says(part));
}

template <class T>
T value_of(const GgufFile& file, const char* key) {
  const GgufValue* found = file.find(key);
  REQUIRE(found != nullptr);
  REQUIRE(std::holds_alternative<T>(*found));
  return std::get<T>(*found);
}

TEST_CASE("gguf: metadata of every type made by the gguf package is read") {
  const auto file = GgufFile::open("tests/golden/gguf/tiny.gguf");
  CHECK(value_of<std::string_view>(file, "general.architecture") == "llama");
  CHECK(value_of<std::uint64_t>(file, "test.u8") == 200);
  CHECK(value_of<std::int64_t>(file, "test.i8") == -100);
  CHECK(value_of<std::uint64_t>(file, "test.u16") == 60000);
  CHECK(value_of<std::int64_t>(file, "test.i16") == -30000);
  CHECK(value_of<std::uint64_t>(file, "test.u32") == 4000000000);
  CHECK(value_of<std::int64_t>(file, "test.i32") == -2000000000);
  CHECK(value_of<std::uint64_t>(file, "test.u64") == (std::uint64_t{1} << 63) + 1);
  CHECK(value_of<std::int64_t>(file, "test.i64") == -(std::int64_t{1} << 62));
  CHECK(value_of<double>(file, "test.f32") == 1.5);
  CHECK(value_of<double>(file, "test.f64") == 0.1);
  CHECK(value_of<bool>(file, "test.true"));
  CHECK_FALSE(value_of<bool>(file, "test.false"));
  CHECK(value_of<std::string_view>(file, "test.text") == "grün");
  const auto numbers = value_of<GgufArray>(file, "test.numbers");
  REQUIRE(numbers.size == 3);
  CHECK(std::get<std::int64_t>(numbers.number(1)) == -2);
  const auto texts = value_of<GgufArray>(file, "test.texts");
  CHECK(texts.texts == std::vector<std::string_view>{"a", "", "ccc"});
  CHECK(file.find("test.nothing") == nullptr);
}

TEST_CASE("gguf: tensors of the gguf package are listed with row-major shapes") {
  const auto file = GgufFile::open("tests/golden/gguf/tiny.gguf");
  CHECK(file.names().size() == 11);
  CHECK(file.names().front() == "token_embd.weight");
  const GgufTensor* gate = file.find_tensor("blk.0.ffn_gate.weight");
  REQUIRE(gate != nullptr);
  CHECK(gate->type == GgmlType::q4_1);
  CHECK(gate->shape == std::vector<std::int64_t>{64, 32});
  CHECK(gate->size() == 2048);
  CHECK(gate->bytes.size() == 64 * 20);
  CHECK(file.find_tensor("blk.1.ffn_gate.weight") == nullptr);
}

TEST_CASE("gguf: copies of a file keep its bytes alive") {
  std::optional<GgufFile> file = GgufFile::open("tests/golden/gguf/tiny.gguf");
  const GgufFile copy = *file;
  file.reset();
  CHECK(value_of<std::string_view>(copy, "test.text") == "grün");
}

TEST_CASE("gguf: version 2 is read; other versions, byte orders and files are refused") {
  const std::string entry = text("a") + value(GgufType::u8, "\x07");
  const std::string second = file_with({entry}, {}, 0, 2);
  CHECK(value_of<std::uint64_t>(GgufFile::parse(bytes_of(second), "v2"), "a") == 7);
  check_refused(file_with({entry}, {}, 0, 1), "got 1", ErrorCode::unsupported);
  check_refused(file_with({entry}, {}, 0, 4), "got 4", ErrorCode::unsupported);
  check_refused(file_with({entry}, {}, 0, 3u << 24), "big-endian", ErrorCode::unsupported);
  check_refused("", "bytes");
  check_refused("GGML" + raw<std::uint32_t>(3), "begins with GGUF");
}

TEST_CASE("gguf: a file cut short anywhere before the end of its last tensor is corrupt") {
  const std::string good = file_with(
      {text("general.alignment") + value(GgufType::u32, raw<std::uint32_t>(32)),
       text("list") + list(GgufType::string, 2, text("ab") + text("c")),
       text("deep") + list(GgufType::array, 1, value(GgufType::u16, raw<std::uint64_t>(1) + "zz"))},
      {tensor("w", {8}, 0, 0), tensor("v", {32, 1}, 8, 32)}, 66);
  CHECK(GgufFile::parse(bytes_of(good), "good").names().size() == 2);
  for (std::size_t size = 0; size < good.size(); ++size) {
    const std::string cut = good.substr(0, size);
    const auto thrown = reckon::tests::thrown_by([&] { GgufFile::parse(bytes_of(cut), "cut"); });
    if (thrown.code != ErrorCode::corrupt) FAIL("read with ", size, " bytes");
  }
}

TEST_CASE("gguf: hostile counts and lengths are refused before memory is taken") {
  const std::uint64_t huge = std::uint64_t{1} << 62;
  check_refused("GGUF" + raw<std::uint32_t>(3) + raw(huge) + raw<std::uint64_t>(0), "tensor_count");
  check_refused("GGUF" + raw<std::uint32_t>(3) + raw<std::uint64_t>(0) + raw(~huge), "kv_count");
  check_refused(file_with({raw(huge) + "abc"}), "metadata");
  check_refused(file_with({text("k") + list(GgufType::u64, huge, "")}), "\"k\"");
  check_refused(file_with({text("k") + list(GgufType::string, huge, "")}), "\"k\"");
  check_refused(file_with({text("k") + list(GgufType::array, 1u << 30, "")}), "\"k\"");
  check_refused(file_with({text("k") + value(GgufType::string, raw(~std::uint64_t{0}))}), "\"k\"");
}

TEST_CASE(
    "gguf: lists nested without end, unknown types, bad UTF-8 and repeated keys are corrupt") {
  std::string nested = value(GgufType::u8, raw<std::uint64_t>(0));
  for (int i = 0; i < 1000; ++i) nested = value(GgufType::array, raw<std::uint64_t>(1) + nested);
  check_refused(file_with({text("k") + value(GgufType::array, nested)}), "nested");
  check_refused(file_with({text("k") + raw<std::uint32_t>(13) + "xxxx"}), "value type");
  check_refused(file_with({text("k\xff") + value(GgufType::u8, "1")}), "UTF-8");
  check_refused(file_with({text("k") + value(GgufType::string, text("\xc0\x80"))}), "UTF-8");
  const std::string entry = text("k") + value(GgufType::u8, "1");
  check_refused(file_with({entry, entry}), "twice");
}

TEST_CASE("gguf: tensors in wrong places and of absurd sizes are corrupt and named") {
  check_refused(file_with({}, {tensor("w", {8}, 0, 0)}, 31), "\"w\"");
  check_refused(file_with({}, {tensor("w", {8}, 0, 16)}, 64), "multiple of 32");
  check_refused(file_with({}, {tensor("w", {8}, 0, ~std::uint64_t{31})}, 64), "\"w\"");
  check_refused(file_with({}, {tensor("w", {9}, 0, 0), tensor("v", {8}, 0, 32)}, 64), "overlap");
  check_refused(file_with({}, {tensor("w", {8}, 0, 0), tensor("w", {8}, 0, 32)}, 64), "twice");
  check_refused(file_with({}, {tensor("w", {0, 8}, 0, 0)}, 64), "positive sizes");
  check_refused(file_with({}, {tensor("w", {1u << 31, 1u << 31, 4}, 0, 0)}, 64), "2^61");
  check_refused(file_with({}, {tensor("w", {~std::uint64_t{0}}, 0, 0)}, 64), "2^61");
  check_refused(file_with({}, {tensor("w", {1, 1, 1, 1, 1}, 0, 0)}, 64), "at most 4 sizes");
  check_refused(file_with({}, {tensor("w", {33}, 8, 0)}, 64), "multiple of 32 values");
  check_refused(file_with({}, {tensor("w", {32}, 4, 0)}, 64), "type 4");
  check_refused(file_with({}, {tensor("w", {32}, 20, 0)}, 64), "IQ4_NL", ErrorCode::unsupported);
  check_refused(file_with({}, {tensor(std::string(65, 'w'), {8}, 0, 0)}, 64), "at most 64 bytes");
}

TEST_CASE("gguf: the alignment is a power of two, and offsets follow it") {
  const auto aligned = [](std::uint32_t alignment) {
    return file_with({text("general.alignment") + value(GgufType::u32, raw(alignment))},
                     {tensor("w", {1}, 0, 0), tensor("v", {1}, 0, 8)}, 64);
  };
  const std::string eight = aligned(8);
  CHECK(GgufFile::parse(bytes_of(eight), "eight").find_tensor("v")->bytes.size() == 4);
  check_refused(aligned(0), "power of two");
  check_refused(aligned(24), "power of two");
  check_refused(aligned(1u << 31), "power of two");
  check_refused(aligned(16), "multiple of 16");
}

TEST_CASE("gguf: a damaged file is read or refused, never a crash") {
  const std::string good = read_file("tests/golden/gguf/tiny.gguf");
  ByteMutation mutation(2);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string bad = mutation.damage(good);
    const auto thrown = reckon::tests::thrown_by([&] { GgufFile::parse(bytes_of(bad), "bad"); });
    if (thrown.text == "nothing thrown") continue;
    ++refused;
    CHECK((thrown.code == ErrorCode::corrupt || thrown.code == ErrorCode::unsupported));
  }
  CHECK(refused > 100);
}

TEST_CASE("gguf: a file is recognised by its first bytes") {
  CHECK(is_gguf_file("tests/golden/gguf/tiny.gguf"));
  CHECK_FALSE(is_gguf_file("tests/golden/gguf/quants.safetensors"));
  CHECK_FALSE(is_gguf_file("tests/golden"));
  CHECK_FALSE(is_gguf_file("tests/golden/nothing.gguf"));
}

}  // namespace
}  // namespace reckon::policy
