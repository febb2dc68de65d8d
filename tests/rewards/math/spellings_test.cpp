// What each spelling is read as, written back as LaTeX: one row a construct.
#include <doctest/doctest.h>

#include <string>

#include "rewards/math/read.h"

using namespace reckon::rewards::math;

namespace {

struct Row {
  const char* text;
  const char* read;
};

// clang-format off
constexpr Row kRows[] = {
    {R"!($1$, $2$, $3$)!", R"!(1, 2, 3)!"},
    {R"!($x=1$ and $x=2$)!", R"!(x = 1, x = 2)!"},
    {R"!((-∞,-1) U (1,∞))!", R"!(\left(-\infty, -1\right) \cup \left(1, \infty\right))!"},
    {R"!((1)/(3))!", R"!(\frac{1}{3})!"},
    {R"!((1, 2, 3))!", R"!(\left(1, 2, 3\right))!"},
    {R"!((2, \pi/3))!", R"!(\left(2, \frac{\pi}{3}\right))!"},
    {R"!((2\sqrt{3})^2)!", R"!(\left(2 \cdot \sqrt{3}\right)^{2})!"},
    {R"!((a, b))!", R"!(\left(a, b\right))!"},
    {R"!((x, y) = \left(\frac12, 3\right))!", R"!(\left(x, y\right) = \left(\frac{1}{2}, 3\right))!"},
    {R"!((x,y) = (1,2))!", R"!(\left(x, y\right) = \left(1, 2\right))!"},
    {R"!((−2, 3))!", R"!(\left(-2, 3\right))!"},
    {R"!(+5)!", R"!(5)!"},
    {R"!(+\infty)!", R"!(\infty)!"},
    {R"!(- 5)!", R"!(-5)!"},
    {R"!(--5)!", R"!(-\left(-5\right))!"},
    {R"!(-1/3)!", R"!(-\frac{1}{3})!"},
    {R"!(-5)!", R"!(-5)!"},
    {R"!(-\frac{1}{2} \pm \frac{\sqrt{3}}{2}i)!", R"!(-\frac{1}{2} \pm \frac{\sqrt{3}}{2} \cdot i)!"},
    {R"!(-inf)!", R"!(-\infty)!"},
    {R"!(.5\%)!", R"!(0.5\%)!"},
    {R"!(0.(3))!", R"!(\frac{3}{9})!"},
    {R"!(0.\dot{3})!", R"!(\frac{3}{9})!"},
    {R"!(0.\overline{3})!", R"!(\frac{3}{9})!"},
    {R"!(1 / 3)!", R"!(\frac{1}{3})!"},
    {R"!(1 \le x \le 5)!", R"!(1 \le x \le 5)!"},
    {R"!(1+1=2)!", R"!(1 + 1 = 2)!"},
    {R"!(1, 2, and 3)!", R"!(1, 2, 3)!"},
    {R"!(1.23E-4)!", R"!(1.23E-4)!"},
    {R"!(1.5e-3)!", R"!(1.5E-3)!"},
    {R"!(1/3)!", R"!(\frac{1}{3})!"},
    {R"!(10 \text{ ft-lb})!", R"!(10)!"},
    {R"!(10!)!", R"!(10!)!"},
    {R"!(10^{-3})!", R"!(10^{-3})!"},
    {R"!(12 \text{ cm, } 5 \text{ cm})!", R"!(12, 5\text{ cm})!"},
    {R"!(12\text{ in}^3)!", R"!(12\text{ in^3})!"},
    {R"!(17\cdot 23)!", R"!(17 \cdot 23)!"},
    {R"!(1:2:3)!", R"!(1 : 2 : 3)!"},
    {R"!(1e6)!", R"!(1E6)!"},
    {R"!(2 + 2)!", R"!(2 + 2)!"},
    {R"!(2 hours)!", R"!(2\text{ h})!"},
    {R"!(2**10)!", R"!(2^{10})!"},
    {R"!(25 mph)!", R"!(25\text{ mi/h})!"},
    {R"!(2^10)!", R"!(2^{10})!"},
    {R"!(2^{2^{2}})!", R"!(2^{2^{2}})!"},
    {R"!(2n\pi \pm \frac{\pi}{3})!", R"!(2 \cdot n \cdot \pi \pm \frac{\pi}{3})!"},
    {R"!(2sqrt(3))!", R"!(2 \cdot \sqrt{3})!"},
    {R"!(2x^3y^2)!", R"!(2 \cdot x^{3} \cdot y^{2})!"},
    {R"!(2·3)!", R"!(2 \cdot 3)!"},
    {R"!(2×3)!", R"!(2 \cdot 3)!"},
    {R"!(2√3)!", R"!(2 \cdot \sqrt{3})!"},
    {R"!(3 + 4i)!", R"!(3 + 4 \cdot i)!"},
    {R"!(3 \pmod 7)!", R"!(3 \bmod 7)!"},
    {R"!(3 \times 10^8)!", R"!(3 \cdot 10^{8})!"},
    {R"!(3 h)!", R"!(3 \cdot h)!"},
    {R"!(3 mod 7)!", R"!(3 \bmod 7)!"},
    {R"!(3!!)!", R"!(3!!)!"},
    {R"!(3+4\mathrm{i})!", R"!(3 + 4 \cdot i)!"},
    {R"!(30°)!", R"!(30^{\circ})!"},
    {R"!(3\!:\!4)!", R"!(3 : 4)!"},
    {R"!(4:30 PM)!", R"!(4 : 30\text{ pm})!"},
    {R"!(4:30 \text{ p.m.})!", R"!(4 : 30\text{ pm})!"},
    {R"!(5 \text{ dollars})!", R"!(\$5)!"},
    {R"!(5 \text{ units}^2)!", R"!(5)!"},
    {R"!(5 or 7)!", R"!(5, 7)!"},
    {R"!(5 percent)!", R"!(5\%)!"},
    {R"!(5 sq. cm)!", R"!(5\text{ cm^2})!"},
    {R"!(5.50 dollars)!", R"!(\$5.50)!"},
    {R"!(5\%)!", R"!(5\%)!"},
    {R"!(5\,\text{kg}\cdot\text{m})!", R"!(\text{"5kgcdotm"})!"},
    {R"!(6 \text{ hours } 30 \text{ minutes})!", R"!(\text{"6hours30minutes"})!"},
    {R"!(60 km/h)!", R"!(60\text{ km/h})!"},
    {R"!(6÷2)!", R"!(\frac{6}{2})!"},
    {R"!(9.8 \text{ m/s}^2)!", R"!(9.8\text{ m/s^2})!"},
    {R"!(90 degrees)!", R"!(90^{\circ})!"},
    {R"!(A \cap B)!", R"!(A \cap B)!"},
    {R"!(A \cup B)!", R"!(A \cup B)!"},
    {R"!(A, B)!", R"!(A, B)!"},
    {R"!(AB)!", R"!(A \cdot B)!"},
    {R"!(ABC)!", R"!(\text{abc})!"},
    {R"!(A\setminus B)!", R"!(A \setminus B)!"},
    {R"!(C(5,2))!", R"!(C \cdot \left(5, 2\right))!"},
    {R"!(Monday)!", R"!(\text{monday})!"},
    {R"!(S_n = \frac{n(n+1)}{2})!", R"!(S_{n} = \frac{n \cdot \left(n + 1\right)}{2})!"},
    {R"!(Sunday, Monday)!", R"!(\text{"sunday,monday"})!"},
    {R"!(The answer is 5)!", R"!(\text{"theansweris5"})!"},
    {R"!(True)!", R"!(\text{true})!"},
    {R"!([-1, 1) ∪ (2, 3])!", R"!(\left[-1, 1\right) \cup \left(2, 3\right])!"},
    {R"!([1, 2, 3])!", R"!(\left(1, 2, 3\right))!"},
    {R"!(\$5.50)!", R"!(\$5.50)!"},
    {R"!(\angle A = 30^\circ)!", R"!(\angle \cdot A = 30^{\circ})!"},
    {R"!(\begin{bmatrix} 1 & 2 \\ 3 & 4 \\ \end{bmatrix})!", R"!(\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix})!"},
    {R"!(\begin{pmatrix} 1 \\ 2 \end{pmatrix})!", R"!(\begin{pmatrix} 1 \\ 2 \end{pmatrix})!"},
    {R"!(\binom{n}{k})!", R"!(\binom{n}{k})!"},
    {R"!(\boxed{x = 5})!", R"!(x = 5)!"},
    {R"!(\color{red}{5})!", R"!(5)!"},
    {R"!(\cos\frac{\pi}{3} + i\sin\frac{\pi}{3})!", R"!(\cos\left(\frac{\pi}{3}\right) + i \cdot \sin\left(\frac{\pi}{3}\right))!"},
    {R"!(\dbinom{10}{3})!", R"!(\binom{10}{3})!"},
    {R"!(\frac xy)!", R"!(\frac{x}{y})!"},
    {R"!(\frac1x)!", R"!(\frac{1}{x})!"},
    {R"!(\frac{-b \pm \sqrt{b^2-4ac}}{2a})!", R"!(\frac{-b \pm \sqrt{b^{2} -4 \cdot a \cdot c}}{2 \cdot a})!"},
    {R"!(\frac{1}{2}\%)!", R"!(\frac{1}{2}\%)!"},
    {R"!(\frac{1}{3} \approx 0.333)!", R"!(\frac{1}{3})!"},
    {R"!(\frac{3}{4} \text{ of the cake})!", R"!(\frac{3}{4})!"},
    {R"!(\frac{\ln 2}{\ln 3})!", R"!(\frac{\ln\left(2\right)}{\ln\left(3\right)})!"},
    {R"!(\frac{\pi}{4} + k\pi)!", R"!(\frac{\pi}{4} + k \cdot \pi)!"},
    {R"!(\frac{\sqrt3}2)!", R"!(\frac{\sqrt{3}}{2})!"},
    {R"!(\frac{\sqrt{3}}{2})!", R"!(\frac{\sqrt{3}}{2})!"},
    {R"!(\frac{a}{b}/c)!", R"!(\frac{\frac{a}{b}}{c})!"},
    {R"!(\frac{dy}{dx}=2x)!", R"!(\frac{d \cdot y}{d \cdot x} = 2 \cdot x)!"},
    {R"!(\frac{x^2}{4}+\frac{y^2}{9}=1)!", R"!(\frac{x^{2}}{4} + \frac{y^{2}}{9} = 1)!"},
    {R"!(\infty)!", R"!(\infty)!"},
    {R"!(\int x^2\,dx = \frac{x^3}{3}+C)!", R"!(\int x^{2} \cdot d \cdot x = \frac{x^{3}}{3} + C)!"},
    {R"!(\langle 1, 2, 3 \rangle)!", R"!(\left(1, 2, 3\right))!"},
    {R"!(\lceil x/2 \rceil)!", R"!(\lceil \frac{x}{2} \rceil)!"},
    {R"!(\left(-\infty, 1\right) \cup \left(2, \infty\right))!", R"!(\left(-\infty, 1\right) \cup \left(2, \infty\right))!"},
    {R"!(\left(\frac{1}{2}\right)^{3})!", R"!(\left(\frac{1}{2}\right)^{3})!"},
    {R"!(\left(\frac{\pi}{2}, \pi\right])!", R"!(\left(\frac{\pi}{2}, \pi\right])!"},
    {R"!(\left[\begin{matrix}1&2\\3&4\end{matrix}\right])!", R"!(\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix})!"},
    {R"!(\lfloor 3.7 \rfloor)!", R"!(\lfloor 3.7 \rfloor)!"},
    {R"!(\lim_{x\to 0^+} f(x))!", R"!(\lim_{x \to 0^{+}} f\left(x\right))!"},
    {R"!(\ln(2)/3)!", R"!(\frac{\ln\left(2\right)}{3})!"},
    {R"!(\log(100))!", R"!(\log\left(100\right))!"},
    {R"!(\log_2(8))!", R"!(\log_{2}\left(8\right))!"},
    {R"!(\log_{2}{8})!", R"!(\log_{2}\left(8\right))!"},
    {R"!(\lvert x \rvert)!", R"!(\left|x\right|)!"},
    {R"!(\mathbb{R} \setminus \{0, 1\})!", R"!(\mathbb{R} \setminus \{0, 1\})!"},
    {R"!(\mathbb{R}\backslash\{0\})!", R"!(\mathbb{R} \setminus \{0\})!"},
    {R"!(\mathbf{5})!", R"!(5)!"},
    {R"!(\overrightarrow{AB})!", R"!(\overrightarrow{AB})!"},
    {R"!(\sin\left(\frac{\pi}{6}\right))!", R"!(\sin\left(\frac{\pi}{6}\right))!"},
    {R"!(\sin^2\theta + \cos^2\theta)!", R"!(\sin\left(\theta\right)^{2} + \cos\left(\theta\right)^{2})!"},
    {R"!(\sqrt[3]2)!", R"!(\sqrt[3]{2})!"},
    {R"!(\sqrt[n]{x})!", R"!(x^{\frac{1}{n}})!"},
    {R"!(\sum_{n=1}^\infty \frac{1}{n^2} = \frac{\pi^2}{6})!", R"!(\sum_{n=1}^{\infty} \frac{1}{n^{2}} = \frac{\pi^{2}}{6})!"},
    {R"!(\textbf{5})!", R"!(5)!"},
    {R"!(\textcolor{red}{5})!", R"!(5)!"},
    {R"!(\text{A}, \text{B})!", R"!(A, B)!"},
    {R"!(\text{Monday})!", R"!(\text{monday})!"},
    {R"!(\text{No solution})!", R"!(\{\})!"},
    {R"!(\text{The answer is } 5)!", R"!(\text{"theansweris5"})!"},
    {R"!(\text{True})!", R"!(\text{true})!"},
    {R"!(\text{Yes})!", R"!(\text{yes})!"},
    {R"!(\text{infinitely many})!", R"!(\text{infinitelymany})!"},
    {R"!(\text{none})!", R"!(\{\})!"},
    {R"!(\text{undefined})!", R"!(\text{undefined})!"},
    {R"!(\triangle ABC)!", R"!(\text{triangleabc})!"},
    {R"!(\underline{5})!", R"!(5)!"},
    {R"!(\vec{a} \cdot \vec{b})!", R"!(\vec{a} \cdot \vec{b})!"},
    {R"!(\{ x | -2 \le x \le 7 \})!", R"!(\{x \mid -2 \le x \le 7\})!"},
    {R"!(\{x \in \mathbb{R} \mid x \ne 1\})!", R"!(\{x \in \mathbb{R} \mid x \ne 1\})!"},
    {R"!(a = 1,\quad b = 2)!", R"!(a = 1, b = 2)!"},
    {R"!(a*b)!", R"!(a \cdot b)!"},
    {R"!(a=1, b=2, c=3)!", R"!(a = 1, b = 2, c = 3)!"},
    {R"!(a_n = 2n+1)!", R"!(a_{n} = 2 \cdot n + 1)!"},
    {R"!(a_{n+1} = a_n + 2)!", R"!(a_{n+1} = a_{n} + 2)!"},
    {R"!(cbrt(8))!", R"!(\sqrt[3]{8})!"},
    {R"!(e^{\pi i/3})!", R"!(e^{\frac{\pi \cdot i}{3}})!"},
    {R"!(either 1 or 2)!", R"!(\text{"either1or2"})!"},
    {R"!(f(3) = 7)!", R"!(f\left(3\right) = 7)!"},
    {R"!(f(x) = 2x+1)!", R"!(f\left(x\right) = 2 \cdot x + 1)!"},
    {R"!(f^{-1}(x) = \frac{x-1}{2})!", R"!(f^{-1}\left(x\right) = \frac{x -1}{2})!"},
    {R"!(false)!", R"!(\text{false})!"},
    {R"!(g(x)=x^2)!", R"!(g\left(x\right) = x^{2})!"},
    {R"!(infinity)!", R"!(\infty)!"},
    {R"!(k\pi, k \in \mathbb{Z})!", R"!(k \cdot \pi, k \in \mathbb{Z})!"},
    {R"!(ln 2)!", R"!(\ln\left(2\right))!"},
    {R"!(ln(2))!", R"!(\ln\left(2\right))!"},
    {R"!(monday.)!", R"!(\text{monday})!"},
    {R"!(n \equiv 1 \pmod{4})!", R"!(n \equiv 1 \bmod 4)!"},
    {R"!(p \land q)!", R"!(p, q)!"},
    {R"!(sqrt 3)!", R"!(\sqrt{3})!"},
    {R"!(sqrt3)!", R"!(\sqrt{3})!"},
    {R"!(twenty-five)!", R"!(\text{"twenty-five"})!"},
    {R"!(x = 1 \quad \text{or} \quad x = 2)!", R"!(x = 1, x = 2)!"},
    {R"!(x = \frac{\pi}{2} + 2k\pi, \quad k \in \mathbb{Z})!", R"!(x = \frac{\pi}{2} + 2 \cdot k \cdot \pi, k \in \mathbb{Z})!"},
    {R"!(x > 3 \text{ and } x < 7)!", R"!(x > 3, x < 7)!"},
    {R"!(x \in (-\infty, 1) \cup (2, \infty))!", R"!(x \in \left(-\infty, 1\right) \cup \left(2, \infty\right))!"},
    {R"!(x \in \{1, 2\})!", R"!(x \in \{1, 2\})!"},
    {R"!(x \ne 0, 1)!", R"!(x \ne 0, 1)!"},
    {R"!(x \neq 2)!", R"!(x \ne 2)!"},
    {R"!(x^(1/2))!", R"!(x^{\frac{1}{2}})!"},
    {R"!(x^2+y^2=25)!", R"!(x^{2} + y^{2} = 25)!"},
    {R"!(x^{1/2})!", R"!(x^{\frac{1}{2}})!"},
    {R"!(x^{\frac{1}{2}})!", R"!(x^{\frac{1}{2}})!"},
    {R"!(x_1 = 2, x_2 = 3)!", R"!(x_{1} = 2, x_{2} = 3)!"},
    {R"!(x₁)!", R"!(x_{1})!"},
    {R"!(y - 3 = 2(x-1))!", R"!(y -3 = 2 \cdot \left(x -1\right))!"},
    {R"!(y=mx+b)!", R"!(y = m \cdot x + b)!"},
    {R"!({\bf 5})!", R"!(5)!"},
    {R"!(|\vec{a}|)!", R"!(\left|\vec{a}\right|)!"},
    {R"!(|−5|)!", R"!(\left|-5\right|)!"},
    {R"!(£5)!", R"!(5 £)!"},
    {R"!(–5)!", R"!(-5)!"},
    {R"!(−5)!", R"!(-5)!"},
    {R"!(√(3))!", R"!(\sqrt{3})!"},
    {R"!(√2/2)!", R"!(\frac{\sqrt{2}}{2})!"},
    {R"!(∛8)!", R"!(\sqrt[3]{8})!"},
    {R"!(⌊3.7⌋)!", R"!(\lfloor 3.7 \rfloor)!"},
};
// clang-format on

std::string readings_of(std::string_view text) {
  std::string result;
  for (const Reading& reading : read_answer(text).readings) {
    if (!result.empty()) result += " ; ";
    result += to_latex(reading);
  }
  return result;
}

}  // namespace

TEST_CASE("spellings of models are read") {
  for (const Row& row : kRows) {
    CAPTURE(row.text);
    CHECK(readings_of(row.text) == row.read);
  }
}

TEST_CASE("spellings of models are read, and what is printed is read as the same") {
  for (const Row& row : kRows) {
    CAPTURE(row.text);
    for (const Reading& reading : read_answer(row.text).readings) {
      const std::string printed = to_latex(reading);
      const ReadResult again = read_answer(printed);
      CHECK(again.readings.size() == 1);
      CHECK(readings_of(printed) == printed);
    }
  }
}
