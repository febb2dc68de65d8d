// Tests that are code and run in a box of their own, with the submission in another.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/rewards/code/real_sandbox.h"

namespace reckon::tests {

namespace {

using nlohmann::json;

std::optional<double> grade(const std::string& answer, const std::string& check_body,
                            const std::string& before = "", const json& prompt = nullptr) {
  const auto sandbox = real_sandbox();
  if (!sandbox) return std::nullopt;
  rewards::code::SplitMemory memory;
  const json columns{{"entry_point", "f"},
                     {"tests", before + "\ndef check(candidate):\n" + check_body},
                     {"prompt", prompt}};
  return grade_all(*sandbox, {{{"answer", answer}, {"columns", columns}}}, memory)[0].score;
}

bool expect(std::optional<double> score, double expected) { return !score || *score == expected; }

}  // namespace

TEST_SUITE_BEGIN("sandbox");

TEST_CASE("loops, random inputs and helper functions of the tests work as written") {
  const std::string body =
      "    for n in range(20):\n        a, b = random.randint(0, 9), n\n"
      "        assert candidate(a, b) == expected(a, b)\n";
  const std::string before = "import random\ndef expected(a, b): return a + b\n";
  CHECK(expect(grade("def f(a, b): return a + b", body, before), 1.0));
  CHECK(expect(grade("def f(a, b): return a - b", body, before), 0.0));
}

TEST_CASE("values of all plain types go there and back") {
  CHECK(expect(grade("def f(*args, **named): return [args, named]", R"(
    for value in (None, True, 5, 10 ** 50, 1.5, 'a\u00e9"', b'x', (1,), [2], {3}, {4: [5]}, 1j,
                  frozenset([1]), 'a\nb', -0.0):
        assert candidate(value, k=value) == [(value,), {'k': value}]
        assert type(candidate(value)[0][0]) in (type(value), set)
)"),
               1.0));
}

TEST_CASE("a test may expect an exception, and sees its type") {
  const std::string body = R"(
    for _ in range(2):
        try:
            candidate(-1)
            assert False
        except ValueError as error:
            assert 'negative' in str(error)
)";
  CHECK(expect(grade("def f(x): raise ValueError('negative')", body), 1.0));
  CHECK(expect(grade("def f(x): raise KeyError('negative')", body), 0.0));
  CHECK(expect(grade("def f(x): return 1", body), 0.0));
}

TEST_CASE("no `except` of a test hides that the submission ended") {
  CHECK(expect(grade("import os\ndef f(x): os._exit(0)", R"(
    for _ in range(2):
        try:
            candidate(-1)
        except Exception:
            pass
        except:
            pass
)"),
               0.0));
}

TEST_CASE("changed arguments come back only from calls whose value is thrown away") {
  const std::string sorts =
      "    for xs in ([3, 1], [2, 1]):\n        candidate(xs)\n"
      "        assert xs == sorted(xs) and len(xs) == 2\n";
  CHECK(expect(grade("def f(xs): xs.sort()", sorts), 1.0));
  CHECK(expect(grade("def f(xs): return sorted(xs)", sorts), 0.0));
  const std::string compares =
      "    for xs in ([3, 1], [2, 1]):\n"
      "        assert candidate(xs) == sorted(xs)\n";
  CHECK(expect(grade("def f(xs): return sorted(xs)", compares), 1.0));
  CHECK(expect(grade("def f(xs):\n    xs.clear()\n    return []", compares), 0.0));
}

TEST_CASE("helper functions come from the prompt, not from the submission") {
  const std::string prompt =
      "def code(s):\n    return s[::-1]\n\ndef f(s):\n    \"\"\"Undoes code.\"\"\"\n";
  const std::string body = "    for s in ('ab', 'abc'):\n        assert candidate(code(s)) == s\n";
  CHECK(expect(grade("def f(s): return s[::-1]", body, "", prompt), 1.0));
  CHECK(expect(grade("def code(s): return s\ndef f(s): return s", body, "", prompt), 0.0));
}

TEST_CASE("what one test leaves behind is gone in the next") {
  const auto sandbox = real_sandbox();
  if (!sandbox) return;
  rewards::code::SplitMemory memory;
  const json request{{"answer", "n = 0\ndef f():\n    global n\n    n += 1\n    return n"},
                     {"entry_point", "f"},
                     {"tests", {"x = f(); assert x == 1", "x = f(); assert x == 1"}}};
  CHECK(grade_all(*sandbox, {request}, memory)[0].score == 1.0);
}

TEST_SUITE_END();

}  // namespace reckon::tests
