// Programs in the real sandbox: printed text, compiled languages, checkers and calls.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/rewards/code/real_sandbox.h"

namespace reckon::tests {

namespace {

using nlohmann::json;
using rewards::Reason;

rewards::Verdict grade(const json& request) {
  const auto sandbox = real_sandbox();
  if (!sandbox) return {1.0, Reason::passed, "", "", ""};
  rewards::code::SplitMemory memory;
  return grade_all(*sandbox, {request}, memory)[0];
}

/// Whether `answer` passes calls as columns of MBPP state them.
rewards::Verdict grade_lines(const std::string& answer, const json& tests,
                             const std::string& setup = "") {
  return grade({{"answer", answer}, {"entry_point", "f"}, {"tests", tests}, {"setup", setup}});
}

const json kText{{{"input", "2\n"}, {"output", "4\n"}}, {{"input", "5\n"}, {"output", "10\n"}}};

}  // namespace

TEST_SUITE_BEGIN("sandbox");

TEST_CASE("programs in Python, C++, C and bash are graded by what they print") {
  CHECK(grade({{"answer", "print(2 * int(input()))\nexit()"}, {"tests", kText}}).score == 1.0);
  CHECK(grade({{"answer", "#include <iostream>\nint main(){int n;std::cin>>n;std::cout<<2*n;}"},
               {"language", "cpp"},
               {"tests", kText}})
            .score == 1.0);
  CHECK(grade({{"answer",
                "#include <stdio.h>\nint main(){int n;scanf(\"%d\",&n);printf(\"%d\\n\",2*n);}"},
               {"language", "c"},
               {"tests", kText}})
            .score == 1.0);
  CHECK(grade({{"completion", "```bash\nread n; echo $((2*n))\n```"},
               {"language", "bash"},
               {"tests", kText}})
            .score == 1.0);
  CHECK(grade({{"answer", "print(int(input()) ** 2)"}, {"tests", kText}}).score == 0.0);
}

TEST_CASE("a program that does not compile is 0, with what the compiler said") {
  const auto verdict =
      grade({{"answer", "int main() { return x; }"}, {"language", "cpp"}, {"tests", kText}});
  if (verdict.detail.empty()) return;  // no sandbox here
  CHECK(verdict.score == 0.0);
  CHECK(verdict.reason == Reason::compile_error);
  CHECK(verdict.detail.find("error") != std::string::npos);
}

TEST_CASE("a checker decides in a box of its own") {
  const json columns{{"tests", {{{"input", "7"}, {"output", "0"}}}}, {"checker", R"(
import os, sys
output = open(sys.argv[2]).read().split()
os.write(3, b'1' if len(output) == 2 and sum(map(int, output)) == 7 else b'0')
)"}};
  const auto with = [&](const std::string& answer) {
    return grade({{"answer", answer}, {"columns", columns}, {"comparator", "checker"}}).score;
  };
  CHECK(with("print(3, 4)") == 1.0);
  CHECK(with("print(9, -2)") == 1.0);
  if (!real_sandbox()) return;
  CHECK(with("print(3, 5)") == 0.0);
  CHECK(with("print('1')") == 0.0);
  CHECK(with("print('three four')") == 0.0);  // the checker fails over it
  CHECK(with("import os\nos.write(3, b'1')") == 0.0);
}

TEST_CASE("function calls of verification_info, by name and in a class Solution") {
  const json info{{"test_cases",
                   {{{"input", {{3, 1, 2}}},
                     {"output", {1, 2, 3}},
                     {"type", "function_call"},
                     {"fn_name", "arrange"}}}}};
  const auto with = [&](const std::string& answer) {
    return grade({{"answer", answer}, {"verification_info", info}}).score;
  };
  CHECK(with("def arrange(xs): return sorted(xs)") == 1.0);
  CHECK(with("def arrange(xs): return tuple(sorted(xs))") == 1.0);
  CHECK(with("class Solution:\n    def arrange(self, xs): return sorted(xs)") == 1.0);
  if (!real_sandbox()) return;
  CHECK(with("def arrange(xs): return xs") == 0.0);
  CHECK(with("def other(xs): return sorted(xs)") == 0.0);
}

TEST_CASE("asserts of every form that is split pass with the right value") {
  const auto passes = [](const std::string& body, const std::string& line) {
    const auto verdict = grade_lines("import math\ndef f(x): return " + body, {line});
    CHECK_MESSAGE(verdict.score == 1.0, line << ": " << show(verdict));
  };
  passes("x + 1", "assert f(1) == 2");
  passes("x + 1", "assert 2 == f(1), 'message'");
  passes("x / 3", "assert abs(f(1) - 0.333333) < 1e-3");
  passes("x / 3", "assert math.isclose(f(1), 0.3333333, rel_tol=1e-4)");
  passes("[2, 1, 1]", "assert set(f(1)) == {1, 2}");
  passes("[2, 1, 1]", "assert sorted(f(1)) == [1, 1, 2]");
  passes("[2, 1]", "assert tuple(f(1)) == (2, 1)");
  passes("not x", "assert not f(1)");
  passes("None", "assert f(1) is None");
  passes("x", "assert f(1)");
  passes("len(x)", "assert f(list(range(10 ** 3))) == 10 ** 3");
  passes("10 ** x", "assert f(100) == 10 ** 100");
  passes("x.keys()", "assert f({1: 2}) == {1}");
  passes("{x: [(x, {x})]}", "assert f(1) == {1: [(1, {1})]}");
  passes("x", "from collections import Counter; assert f(Counter('aab')) == {'a': 2, 'b': 1}");
  passes("x | {2}", "assert f(frozenset([1])) == {1, 2}");
  passes("x(3)", "assert f(lambda y: y + 1) == 4");
  passes("x", "assert f(1) in (1, 2)");
  passes("round(x)", "assert round(f(1.4), 2) == 1 and f(2.6) == 3");
}

TEST_CASE("asserts of every form fail with another value") {
  if (!real_sandbox()) return;
  const auto fails = [](const std::string& body, const std::string& line) {
    const auto verdict = grade_lines("def f(x): return " + body, {line});
    CHECK_MESSAGE(verdict.score == 0.0, line << ": " << show(verdict));
  };
  fails("x", "assert f(1) == 2");
  fails("x", "assert abs(f(1) - 0.333333) < 1e-3");
  fails("x", "assert math.isclose(f(1), 0.3333333, rel_tol=1e-4)");
  fails("[2, 1, 3]", "assert set(f(1)) == {1, 2}");
  fails("[2, 1]", "assert sorted(f(1)) == [1, 1, 2]");
  fails("[1, 2]", "assert tuple(f(1)) == (2, 1)");
  fails("[1, 2]", "assert f(1) == (1, 2)");
  fails("x", "assert not f(1)");
  fails("0", "assert f(1) is False");
  fails("3", "assert f(1) in (1, 2)");
  fails("(y for y in [1])", "assert f(1) == [1]");
}

TEST_CASE("the setup of a problem may need names of the submission") {
  const std::string node = "class Node:\n    def __init__(self, v): self.v = v\n";
  CHECK(
      grade_lines(node + "def f(n): return n.v", {"assert f(root) == 5"}, "root = Node(5)").score ==
      1.0);
  CHECK(
      grade_lines("def f(n): return math.floor(n)", {"assert f(1.5) == 1"}, "import math").score ==
      1.0);
}

TEST_CASE("a completion that goes on where the prompt ends is joined with it") {
  const json columns{{"prompt", "import math\n\ndef f(x):\n    \"\"\"Doubles.\"\"\"\n"},
                     {"entry_point", "f"},
                     {"tests", "def check(candidate):\n    assert candidate(2) == 4\n"}};
  CHECK(grade({{"answer", "    return 2 * x\n"}, {"columns", columns}}).score == 1.0);
  CHECK(grade({{"completion", "```python\ndef f(x):\n    return math.floor(2.0 * x)\n```"},
               {"columns", columns}})
            .score == 1.0);
}

TEST_CASE("tests that cannot be read give no score") {
  const auto none = [](const json& tests) {
    const auto verdict = grade_lines("def f(x): return x", tests);
    CHECK_MESSAGE((!real_sandbox() || !verdict.score), show(verdict));
  };
  none({"assert f(1) =="});
  none({"assert True"});
  none({"assert g(1) == 2"});
  none("def check(candidate):\n    pass\n");
  none("def check(candidate):\n    assert undefined + candidate(1) == 1\n");
}

TEST_SUITE_END();

}  // namespace reckon::tests
