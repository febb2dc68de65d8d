#include "core/hash.h"

#include <doctest/doctest.h>

using reckon::fnv1a;
using reckon::hex16;
using reckon::mix64;

TEST_CASE("fnv1a gives the published values") {
  CHECK(fnv1a("") == 0xcbf29ce484222325u);
  CHECK(fnv1a("a") == 0xaf63dc4c8601ec8cu);
  CHECK(fnv1a("foobar") == 0x85944171f73967e8u);
  CHECK(fnv1a("\xff") != fnv1a("\x7f"));
}

TEST_CASE("mix64 gives the first numbers of SplitMix64") {
  CHECK(mix64(0) == 0xe220a8397b1dcdafu);
  CHECK(mix64(0x9e3779b97f4a7c15u) == 0x6e789e6aa1b965f4u);
}

TEST_CASE("hex16 keeps leading zeros") {
  CHECK(hex16(0) == "0000000000000000");
  CHECK(hex16(0xabcdef) == "0000000000abcdef");
  CHECK(hex16(UINT64_MAX) == "ffffffffffffffff");
}
