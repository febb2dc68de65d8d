#include "rewards/judge/frames.h"

#include <doctest/doctest.h>

#include <string>

#include "core/error.h"

using namespace reckon;
using namespace reckon::rewards;

TEST_CASE("frames come out as they went in, however the stream is cut") {
  std::string stream;
  append_frame(stream, 7, "first");
  append_frame(stream, 0xFFFFFFFFFFULL, "");
  append_frame(stream, 9, std::string(1000, 'x'));
  for (const size_t step : {size_t{1}, size_t{5}, stream.size()}) {
    FrameReader reader;
    std::string seen;
    for (size_t i = 0; i < stream.size(); i += step) {
      reader.add(std::string_view(stream).substr(i, step));
      while (const auto frame = reader.next()) {
        seen += std::to_string(frame->id) + ":" + std::to_string(frame->body.size()) + " ";
      }
    }
    CHECK(seen == "7:5 1099511627775:0 9:1000 ");
  }
}

TEST_CASE("a frame of an impossible length is an error, not an allocation") {
  FrameReader reader;
  reader.add(std::string(12, '\xFF'));
  CHECK_THROWS_AS(reader.next(), Error);
}
