#include <sys/resource.h>

#include <ctime>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/rewards/math/cases.h"

namespace reckon::rewards::math {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::string repeat(const std::string& text, size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i) result += text;
  return result;
}

/// `count` copies of `open` around `inside`.
std::string nest(const std::string& open, const std::string& inside, const std::string& close,
                 size_t count) {
  return repeat(open, count) + inside + repeat(close, count);
}

std::vector<std::string> hostile_texts() {
  std::vector<std::string> texts{
      "9^{9^{9^9}}",
      "9^(9^9)",
      "7^{10^8}",
      "2^{2^{2^{2^{2^2}}}}",
      "(9^{9999})^{9999}",
      "-9^{9^9}",
      "1/9^{9^9}",
      "100000000!",
      "((10!)!)!",
      "10000!!",
      "(9999!)^{2}",
      "9999!",
      "-(-3)!",
      "\\binom{\\binom{10000}{5000}}{2}",
      "\\binom{10000}{5000}",
      "\\binom{10^9}{10^8}",
      "\\binom{\\binom{\\binom{9}{4}}{4}}{4}",
      "\\sum_{k=1}^{10^9} k",
      "\\sum_{k=1}^{10000} 1/k",
      "\\sum_{i=1}^{100}\\sum_{j=1}^{100}\\sum_{k=1}^{100} i j k",
      "\\prod_{k=1}^{10000} k^{k}",
      "\\prod_{k=1}^{9999} k!",
      "\\sum_{k=1}^{5000} k!",
      "\\log(9^{9^9})",
      "\\ln(\\ln(9^{9^9}))",
      "\\log_{9^{9^9}} 2",
      "\\tan(10^{1000})",
      "\\sin(2^{131000})",
      "\\tan(10^{30000})",
      "\\tan\\frac{\\pi}{2}",
      "\\cot 0",
      "e^{e^{e^{e^{10}}}}",
      "e^{e^{10}}",
      "e^{-e^{9}}",
      "\\cosh(\\sinh(\\cosh(20)))",
      "\\sinh(10^{9})",
      "x^{1000}",
      "(x+1)^{1000}",
      "(x+y)^{10^{9}}",
      "(a+b+c+d+f+g+h+k)^{60}",
      "(a+b+c+d+f+g+h+k)^{6}",
      "(a+b+c+d)^{20}",
      "\\frac{1}{a+b}+\\frac{1}{c+d}+\\frac{1}{f+g}+\\frac{1}{h+k}",
      "x^{x^{x^{x}}}",
      "2^{2^{2^x}}",
      "(x!)!",
      "\\sqrt[64]{2}+\\sqrt[63]{3}",
      "\\sqrt[61]{2}\\cdot\\sqrt[59]{3}+1",
      "\\cos\\frac{\\pi}{7919}",
      "\\sin\\frac{2\\pi}{101}+\\cos\\frac{2\\pi}{103}",
      "\\left(\\sqrt2+\\sqrt3+\\sqrt5+\\sqrt7+\\sqrt{11}+\\sqrt{13}\\right)^{20}",
      "\\sqrt{10^{1000}+7}",
      "\\lfloor 10^{1000}\\pi\\rfloor",
      "0^0",
      "0^{-1}",
      "1/0",
      "0/0",
      "\\frac{1}{\\sqrt2-\\sqrt2}",
      "\\frac{1}{x-x}",
      "i^{10^{1000}}",
      "1^{10^{900}}",
      "10^{-100000}",
      "1e999999999",
      "1e-999999999",
      "2^{0.0000001}",
      "2^{1/3^{200}}",
      "\\gcd(10^{900},6^{900})",
      "9^{9^9} \\bmod 7",
      "\\int_0^{9^{9^9}} x dx",
      "[9^{9^9}, \\infty)",
      "x < 9^{9^9}",
      "\\{9^{9^9}, 1\\}",
      "\\pm9^{9^9}",
      "\\infty-\\infty",
      "\\infty\\cdot0",
      "1^\\infty",
      "\\arcsin(10^{1000})",
      "\\text{" + repeat("word ", 700) + "}"};
  texts.push_back(repeat("7", 100000));
  texts.push_back(repeat("7", 1000));
  texts.push_back("0." + repeat("3", 900));
  for (const char* open : {"(", "{", "[", "\\frac{1}{", "\\sqrt{", "2^{", "\\left(", "-", "|"}) {
    texts.push_back(repeat(open, 100000));
    texts.push_back(repeat(open, 60));
  }
  texts.push_back(nest("(", "1", ")", 100000));
  texts.push_back(nest("\\sqrt{2+", "1", "}", 60));
  texts.push_back(nest("\\sqrt{2+", "1", "}", 12));
  texts.push_back(nest("\\binom{", "9", "}{3}", 20));
  texts.push_back(nest("\\frac{1}{1+", "x", "}", 60));
  texts.push_back(nest("\\sin(", "1", ")", 60));
  texts.push_back(nest("\\log(", "2", ")", 30));
  texts.push_back(nest("(", "3", ")!", 8));
  texts.push_back(repeat("\\sqrt{2}+", 300) + "1");
  std::string roots = "0";
  for (const int prime : {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61}) {
    roots += "+\\sqrt{" + std::to_string(prime) + "}";
  }
  texts.push_back(roots);
  texts.push_back("(" + roots + ")^2");
  std::string list = "1";
  for (int i = 2; i < 300; ++i) list += "," + std::to_string(i);
  texts.push_back(list);
  texts.push_back("\\{" + list.substr(0, 170) + "\\}");
  std::string matrix;
  for (int i = 0; i < 8; ++i) matrix += "x&y&\\sqrt2&3&4&5&6&7\\\\";
  texts.push_back("\\begin{pmatrix}" + matrix + "\\end{pmatrix}");
  texts.push_back("\\begin{vmatrix}" + matrix + "\\end{vmatrix}");
  std::string junk;
  for (int i = 0; i < 4000; ++i) junk += static_cast<char>((i * 7919 + i / 256) & 255);
  texts.push_back(junk);
  texts.push_back(std::string(1000, '\0'));
  return texts;
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Processor time, so that a busy machine fails nothing.
void check_quick(const std::string& gold, const std::string& answer) {
  const double start = cpu_seconds();
  const Verdict verdict = grade_answer(answer, gold);
  const double seconds = cpu_seconds() - start;
  INFO("gold " << gold.substr(0, 200) << " answer " << answer.substr(0, 200) << " "
               << std::string(to_string(verdict.reason)));
  if (!kSanitized) CHECK(seconds < 1.0);
}

}  // namespace

TEST_CASE("no hostile answer or gold takes a second or 512 MiB") {
  const std::vector<std::string> texts = hostile_texts();
  CHECK(texts.size() > 100);
  for (const std::string& text : texts) {
    check_quick("5", text);
    check_quick(text, "5");
    check_quick(text, text);
    check_quick("x", text);
    check_quick("\\sqrt{2}+\\pi", text);
    // The same value in another form, which no ball can tell apart.
    check_quick(text, "\\frac{2(" + text + ")}{2}");
    check_quick(text, "(" + text + ")+\\sqrt2-\\sqrt2");
  }
  if (kSanitized) {
    MESSAGE("skipped: a sanitizer takes time and memory of its own");
    return;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  CHECK(usage.ru_maxrss < 512 * 1024);
}

TEST_CASE("hard equalities end in time") {
  const std::vector<std::pair<std::string, std::string>> pairs{
      {"\\sqrt[61]{2}+\\sqrt[59]{3}", "\\frac{\\sqrt[61]{2^{62}}}{2}+\\sqrt[59]{3}"},
      {"\\sqrt[61]{2}+\\sqrt[59]{3}", "\\frac{2}{\\sqrt[61]{2^{60}}}+\\sqrt[59]{3}"},
      {"\\cos\\frac{\\pi}{61}", "\\frac{e^{i\\pi/61}+e^{-i\\pi/61}}{2}"},
      {"\\sin\\frac{\\pi}{97}", "\\cos(\\frac{\\pi}{2}-\\frac{\\pi}{97})"},
      {"(\\sqrt2+\\sqrt3+\\sqrt5+\\sqrt7)^{10}",
       "(17+2\\sqrt6+2\\sqrt{10}+2\\sqrt{14}+2\\sqrt{15}"
       "+2\\sqrt{21}+2\\sqrt{35})^5"},
      {"\\sqrt{2+\\sqrt{2+\\sqrt{2+\\sqrt{2+\\sqrt2}}}}", "2\\cos\\frac{\\pi}{64}"},
      {"\\sqrt{2+\\sqrt{2+\\sqrt{2+\\sqrt{2+\\sqrt{2+\\sqrt2}}}}}", "2\\cos\\frac{\\pi}{128}"},
      {"\\log_2 3^{100}", "100\\log_2 3"},
      {"(a+b+c+d)^{12}", "((a+b+c+d)^{3})^4"},
      {"(a+b+c+d+f+g+h+k)^5", "(k+h+g+f+d+c+b+a)^3(a+b+c+d+f+g+h+k)^2"},
      {"\\frac{(x+y)^{20}}{(x-y)^{20}}", "\\left(\\frac{x+y}{x-y}\\right)^{20}"},
      {"x^2+y^2=\\frac{1}{x+y+z}", "(x+y+z)(x^2+y^2)=1"},
      {"\\tan 1\\tan 2\\tan 3", "\\frac{\\sin1\\sin2\\sin3}{\\cos1\\cos2\\cos3}"},
  };
  for (const auto& [gold, answer] : pairs) {
    check_quick(gold, answer);
    check_quick(answer, gold);
    check_quick(gold, answer + "+10^{-300}");
    INFO(gold << " = " << answer << ": " << std::string(to_string(reason_of(gold, answer))));
    CHECK(grade_answer(answer, gold).score == 1.0);
  }
}

}  // namespace reckon::rewards::math
