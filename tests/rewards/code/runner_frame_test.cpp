#include <doctest/doctest.h>

#include <string>

#include "rewards/code/runner_job.h"

namespace reckon::rewards::code {

namespace {

const std::string kToken(32, '0');

std::string frame(const std::string& json, const std::string& token = std::string(16, '\0')) {
  std::string bytes = "RKN1" + token;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>((json.size() >> shift) & 0xFF);
  }
  return bytes + json;
}

}  // namespace

TEST_CASE("one whole frame with the token of the run is read") {
  const auto tree = read_frame(frame(R"({"value":7})"), kToken);
  REQUIRE(tree);
  REQUIRE(tree->find("value") != nullptr);
  CHECK(tree->find("value")->text == "7");
}

TEST_CASE("no frame, two frames, cut frames and frames of another run are refused") {
  const std::string good = frame("1");
  CHECK_FALSE(read_frame("", kToken));
  CHECK_FALSE(read_frame(good + good, kToken));
  CHECK_FALSE(read_frame(good + "\n", kToken));
  CHECK_FALSE(read_frame("passed\n" + good, kToken));
  CHECK_FALSE(read_frame(good.substr(0, good.size() - 1), kToken));
  CHECK_FALSE(read_frame(frame("1", std::string(16, '\1')), kToken));
  CHECK_FALSE(read_frame(frame("{"), kToken));
  CHECK_FALSE(read_frame(frame(""), kToken));
  CHECK_FALSE(read_frame("RKN1" + std::string(16, '\0') + "\xff\xff\xff\xff" + "1", kToken));
  for (size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(read_frame(good.substr(0, size), kToken));
  }
}

TEST_CASE("jobs differ in their token, and equal jobs do not") {
  const auto limits = sandbox::run_limits(sandbox::Language::python);
  CHECK(runner_job({"a", "b"}, limits).token != runner_job({"ab", ""}, limits).token);
  CHECK(runner_job({"a"}, limits).token == runner_job({"a"}, limits).token);
  CHECK(runner_job({"a"}, limits).token.size() == 32);
}

}  // namespace reckon::rewards::code
