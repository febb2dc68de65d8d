// Random bytes and damaged answers: reading ends, keeps its promises, and throws nothing.
#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/jsonl.h"
#include "rewards/math/math.h"

using namespace reckon;
using namespace reckon::rewards::math;

namespace {

/// A small generator whose values are the same everywhere.
struct Random {
  uint64_t state;
  size_t below(size_t limit) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<size_t>(state >> 33) % limit;
  }
};

const std::vector<std::string> kSeeds{"\\frac{1}{2}",
                                      "1{,}234",
                                      "x \\in [-2,7]",
                                      "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
                                      "\\left( -\\infty, 3 \\right] \\cup (4, 5)",
                                      "5\\text{ cm}^2",
                                      "\\sqrt[3]{x+1}",
                                      "A5_{11}",
                                      "\\sum_{k=1}^{n} k^2",
                                      "\\{1\\pm\\sqrt{5},-2\\}",
                                      "\\sin^{-1} x \\cos 30^\\circ",
                                      "|x-1|<2",
                                      "0.1\\overline{6}",
                                      "\\text{(C)}",
                                      "4:30 \\text{ p.m.}",
                                      "3 1/2",
                                      "x\xC2\xB2 \xE2\x89\xA4 \xCF\x80"};
const std::vector<std::string> kPieces{"{",
                                       "}",
                                       "(",
                                       ")",
                                       "[",
                                       "]",
                                       "|",
                                       "\\{",
                                       "\\}",
                                       "^",
                                       "_",
                                       ",",
                                       "\\frac",
                                       "\\sqrt",
                                       "\\left",
                                       "\\right",
                                       "\\text{",
                                       "\\begin{array}{c}",
                                       "\\end{array}",
                                       "&",
                                       "\\\\",
                                       "$",
                                       "\\",
                                       "1",
                                       "x",
                                       "-",
                                       "\\pm",
                                       "\\infty",
                                       "\\sin",
                                       "\\log_",
                                       "=",
                                       "<",
                                       "\\in",
                                       "\\cup",
                                       " ",
                                       ".",
                                       "\xF0",
                                       "\x00",
                                       "!",
                                       "\\sum_{k=",
                                       "\\boxed{",
                                       "%",
                                       "\\circ",
                                       "'",
                                       "\\over",
                                       "1,234",
                                       "\\operatorname{"};

std::string mutated(std::string text, Random& random) {
  for (size_t change = 1 + random.below(4); change > 0; --change) {
    const size_t at = random.below(text.size() + 1);
    switch (random.below(3)) {
      case 0:
        text.insert(at, kPieces[random.below(kPieces.size())]);
        break;
      case 1:
        text.erase(at, 1 + random.below(4));
        break;
      default:
        text += text.substr(at);
        break;
    }
  }
  return text;
}

/// Reading gives at most two readings of sound trees, each of which is printed and read as itself.
void check_reading(const std::string& text) {
  const ReadResult result = read_answer(text);
  REQUIRE(result.readings.size() <= 2);
  for (const Reading& reading : result.readings) {
    const Tree& tree = reading.tree;
    REQUIRE(tree.nodes.size() <= Guards::kNodes);
    for (uint32_t node = 0; node < tree.nodes.size(); ++node) {
      for (const uint32_t kid : tree.children_of(node)) REQUIRE(kid < node);
    }
    const std::string printed = to_latex(reading);
    if (printed.size() > Guards::kBytes) continue;
    const ReadResult again = read_answer(printed);
    if (again.failure == rewards::Reason::guard) continue;
    INFO(text);
    INFO(printed);
    REQUIRE(again.ok());
    CHECK(to_latex(again.readings[0]) == printed);
  }
}

}  // namespace

TEST_CASE("damaged answers are read or refused, and printed so that they are read again") {
  Random random{1};
  for (int round = 0; round < 20'000; ++round) {
    check_reading(mutated(kSeeds[random.below(kSeeds.size())], random));
  }
}

TEST_CASE("random bytes are read or refused") {
  Random random{2};
  for (int round = 0; round < 5'000; ++round) {
    std::string text(random.below(60), ' ');
    for (char& c : text) c = static_cast<char>(random.below(256));
    check_reading(text);
    extract(text, {});
  }
}

TEST_CASE("the answers of MATH and GSM8K are read") {
  size_t read = 0;
  size_t all = 0;
  for (const char* name : {"math/train", "math/test", "gsm8k/train", "gsm8k/test"}) {
    const std::string path = "../shared/data/" + std::string(name) + ".jsonl";
    if (!std::filesystem::exists(path)) {
      MESSAGE("skipped: " << path << " is not here");
      continue;
    }
    for_each_jsonl(path, [&](const nlohmann::json& row, uint64_t) {
      const std::string text = row.at("answer").get<std::string>();
      const ReadResult result = read_answer(text);
      ++all;
      if (result.ok()) {
        ++read;
        check_reading(text);
      } else {
        MESSAGE("not read: '" << text << "'");
      }
    });
  }
  CHECK(read * 1000 >= all * 999);
}
