#include "rewards/math/vocabulary.h"

#include <algorithm>
#include <array>

namespace reckon::rewards::math {

namespace {

using K = TokenKind;
using T = Treatment;

template <class Enum>
constexpr Meaning meaning(std::string_view name, K kind, Enum detail) {
  return {name, T::token, kind, static_cast<uint8_t>(detail)};
}
constexpr Meaning fn(std::string_view name, Function detail) {
  return meaning(name, K::function, detail);
}
constexpr Meaning sign(std::string_view name, K kind, int detail = 0) {
  return meaning(name, kind, detail);
}
constexpr Meaning rel(std::string_view name, Relation detail) {
  return meaning(name, K::relation, detail);
}
constexpr Meaning letter(std::string_view name) { return {name, T::token, K::letter, 0}; }
constexpr Meaning of(std::string_view name, T treatment) { return {name, treatment, K::other, 0}; }

template <size_t N>
constexpr std::array<Meaning, N> sorted(const Meaning (&list)[N]) {
  std::array<Meaning, N> result;
  std::copy(std::begin(list), std::end(list), result.begin());
  std::sort(result.begin(), result.end(),
            [](const Meaning& a, const Meaning& b) { return a.name < b.name; });
  return result;
}

template <size_t N>
std::optional<Meaning> find(const std::array<Meaning, N>& list, std::string_view name) {
  const auto place = std::lower_bound(
      list.begin(), list.end(), name,
      [](const Meaning& entry, std::string_view wanted) { return entry.name < wanted; });
  if (place == list.end() || place->name != name) return std::nullopt;
  return *place;
}

constexpr auto kFunctions = sorted({
    fn("sin", Function::sin),       fn("cos", Function::cos),       fn("tan", Function::tan),
    fn("tg", Function::tan),        fn("cot", Function::cot),       fn("ctg", Function::cot),
    fn("sec", Function::sec),       fn("csc", Function::csc),       fn("cosec", Function::csc),
    fn("arcsin", Function::asin),   fn("arccos", Function::acos),   fn("arctan", Function::atan),
    fn("arctg", Function::atan),    fn("arccot", Function::acot),   fn("arcsec", Function::asec),
    fn("arccsc", Function::acsc),   fn("asin", Function::asin),     fn("acos", Function::acos),
    fn("atan", Function::atan),     fn("acot", Function::acot),     fn("asec", Function::asec),
    fn("acsc", Function::acsc),     fn("sinh", Function::sinh),     fn("cosh", Function::cosh),
    fn("tanh", Function::tanh),     fn("coth", Function::coth),     fn("sech", Function::sech),
    fn("csch", Function::csch),     fn("arcsinh", Function::asinh), fn("arccosh", Function::acosh),
    fn("arctanh", Function::atanh), fn("arsinh", Function::asinh),  fn("arcosh", Function::acosh),
    fn("artanh", Function::atanh),  fn("asinh", Function::asinh),   fn("acosh", Function::acosh),
    fn("atanh", Function::atanh),   fn("ln", Function::ln),         fn("log", Function::log),
    fn("lg", Function::log),        fn("exp", Function::exp),       fn("gcd", Function::gcd),
    fn("lcm", Function::lcm),       fn("min", Function::min),       fn("max", Function::max),
    fn("arg", Function::arg),       fn("sgn", Function::sign),      fn("sign", Function::sign),
    fn("abs", Function::abs),       fn("floor", Function::floor),   fn("ceil", Function::ceil),
    fn("ceiling", Function::ceil),  fn("Re", Function::re),         fn("Im", Function::im),
    fn("conj", Function::conj),
});

constexpr auto kWords = sorted({
    sign("sqrt", K::root),
    sign("cbrt", K::cube_root),
    meaning("pi", K::constant, Constant::pi),
    meaning("Pi", K::constant, Constant::pi),
    meaning("e", K::constant, Constant::e),
    meaning("i", K::constant, Constant::i),
    meaning("inf", K::constant, Constant::infinity),
    meaning("infinity", K::constant, Constant::infinity),
    meaning("Infinity", K::constant, Constant::infinity),
    meaning("infty", K::constant, Constant::infinity),
    sign("and", K::separator),
    sign("or", K::separator),
    sign("mod", K::modulo),
    letter("alpha"),
    letter("beta"),
    letter("theta"),
    letter("lambda"),
    sign("union", K::set_union),
    sign("cup", K::set_union),
    sign("cap", K::set_intersection),
    sign("percent", K::percent),
    sign("degrees", K::degree),
    sign("degree", K::degree),
    sign("emptyset", K::empty_set),
});

constexpr auto kLetters = sorted({
    letter("alpha"),    letter("beta"),       letter("gamma"),   letter("delta"),
    letter("epsilon"),  letter("varepsilon"), letter("zeta"),    letter("eta"),
    letter("theta"),    letter("vartheta"),   letter("iota"),    letter("kappa"),
    letter("varkappa"), letter("lambda"),     letter("mu"),      letter("nu"),
    letter("xi"),       letter("omicron"),    letter("rho"),     letter("varrho"),
    letter("sigma"),    letter("varsigma"),   letter("tau"),     letter("upsilon"),
    letter("phi"),      letter("varphi"),     letter("chi"),     letter("psi"),
    letter("omega"),    letter("Gamma"),      letter("Delta"),   letter("Theta"),
    letter("Lambda"),   letter("Xi"),         letter("Pi"),      letter("Sigma"),
    letter("Upsilon"),  letter("Phi"),        letter("Psi"),     letter("Omega"),
    letter("ell"),      letter("hbar"),       letter("partial"), letter("nabla"),
    letter("aleph"),    letter("imath"),      letter("jmath"),   letter("triangle"),
    letter("angle"),    letter("star"),
});

constexpr auto kCommands = sorted({
    sign("frac", K::fraction),
    sign("dfrac", K::fraction),
    sign("tfrac", K::fraction),
    sign("cfrac", K::fraction),
    sign("nicefrac", K::fraction),
    sign("sfrac", K::fraction),
    sign("binom", K::binomial),
    sign("dbinom", K::binomial),
    sign("tbinom", K::binomial),
    sign("sqrt", K::root),
    sign("over", K::over),
    sign("choose", K::choose),
    meaning("pi", K::constant, Constant::pi),
    meaning("infty", K::constant, Constant::infinity),
    meaning("infinity", K::constant, Constant::infinity),
    meaning("Reals", K::named_set, NamedSet::reals),
    meaning("R", K::named_set, NamedSet::reals),
    meaning("Z", K::named_set, NamedSet::integers),
    meaning("N", K::named_set, NamedSet::naturals),
    meaning("Q", K::named_set, NamedSet::rationals),
    meaning("C", K::named_set, NamedSet::complexes),
    sign("emptyset", K::empty_set),
    sign("varnothing", K::empty_set),
    sign("sum", K::sum),
    sign("prod", K::product),
    sign("int", K::integral),
    sign("iint", K::integral, 1),
    sign("oint", K::integral, 2),
    sign("lim", K::limit),
    sign("dots", K::dots),
    sign("ldots", K::dots),
    sign("cdots", K::dots),
    sign("vdots", K::dots),
    sign("ddots", K::dots),
    sign("dotsc", K::dots),
    sign("dotsb", K::dots),
    sign("dotsm", K::dots),
    sign("hdots", K::dots),
    sign("mathellipsis", K::dots),
    sign("lbrace", K::left_set),
    sign("rbrace", K::right_set),
    sign("{", K::left_set),
    sign("}", K::right_set),
    sign("lparen", K::left_paren),
    sign("rparen", K::right_paren),
    sign("lbrack", K::left_bracket),
    sign("rbrack", K::right_bracket),
    sign("langle", K::left_angle),
    sign("rangle", K::right_angle),
    sign("lfloor", K::left_floor),
    sign("rfloor", K::right_floor),
    sign("lceil", K::left_ceil),
    sign("rceil", K::right_ceil),
    sign("lvert", K::left_bar),
    sign("rvert", K::right_bar),
    sign("lVert", K::left_bar),
    sign("rVert", K::right_bar),
    sign("vert", K::bar),
    sign("mid", K::bar),
    sign("|", K::bar),
    sign("Vert", K::bar),
    sign("colon", K::colon),
    rel("lt", Relation::less),
    rel("gt", Relation::greater),
    rel("le", Relation::less_equal),
    rel("leq", Relation::less_equal),
    rel("leqslant", Relation::less_equal),
    rel("leqq", Relation::less_equal),
    rel("ge", Relation::greater_equal),
    rel("geq", Relation::greater_equal),
    rel("geqslant", Relation::greater_equal),
    rel("geqq", Relation::greater_equal),
    rel("ne", Relation::not_equal),
    rel("neq", Relation::not_equal),
    sign("equiv", K::equivalent),
    sign("in", K::member),
    sign("cup", K::set_union),
    sign("bigcup", K::set_union),
    sign("cap", K::set_intersection),
    sign("bigcap", K::set_intersection),
    sign("setminus", K::set_difference),
    sign("smallsetminus", K::set_difference),
    sign("backslash", K::set_difference),
    sign("pm", K::plus_minus),
    sign("mp", K::plus_minus, 1),
    sign("cdot", K::times),
    sign("times", K::times),
    sign("ast", K::times),
    sign("bullet", K::times),
    sign("div", K::slash),
    sign("bmod", K::modulo),
    sign("mod", K::modulo),
    sign("pmod", K::modulo_of),
    sign("prime", K::prime),
    sign("%", K::percent),
    sign("percent", K::percent),
    sign("degree", K::degree),
    sign("land", K::separator),
    sign("wedge", K::separator),
    sign("lor", K::separator),
    sign("vee", K::separator),
    sign("to", K::arrow),
    sign("rightarrow", K::arrow),
    sign("longrightarrow", K::arrow),
    sign("newline", K::row),
    sign("tabularnewline", K::row),
    sign("cr", K::row),
    fn("Re", Function::re),
    fn("Im", Function::im),
    sign("det", K::call),
    sign("deg", K::call),
    sign("vec", K::accent),
    sign("hat", K::accent),
    sign("bar", K::accent),
    sign("overline", K::accent),
    sign("tilde", K::accent),
    sign("widehat", K::accent),
    sign("widetilde", K::accent),
    sign("overrightarrow", K::accent),
    sign("dot", K::accent),
    sign("ddot", K::accent),
    sign("overarc", K::accent),
    sign("wideparen", K::accent),
    of("left", T::delimiter),
    of("right", T::delimiter),
    of("middle", T::delimiter),
    of("big", T::delimiter),
    of("Big", T::delimiter),
    of("bigg", T::delimiter),
    of("Bigg", T::delimiter),
    of("bigl", T::delimiter),
    of("Bigl", T::delimiter),
    of("biggl", T::delimiter),
    of("Biggl", T::delimiter),
    of("bigr", T::delimiter),
    of("Bigr", T::delimiter),
    of("biggr", T::delimiter),
    of("Biggr", T::delimiter),
    of("bigm", T::delimiter),
    of("Bigm", T::delimiter),
    of("begin", T::environment),
    of("end", T::environment),
    of("mathbb", T::blackboard),
    of("Bbb", T::blackboard),
    of("operatorname", T::operator_name),
    of("displaystyle", T::skip),
    of("textstyle", T::skip),
    of("scriptstyle", T::skip),
    of("limits", T::skip),
    of("nolimits", T::skip),
    of("quad", T::skip),
    of("qquad", T::skip),
    of(",", T::skip),
    of(";", T::skip),
    of(":", T::skip),
    of("!", T::skip),
    of(" ", T::skip),
    of(">", T::skip),
    of("\n", T::skip),
    of("/", T::skip),
    of("thinspace", T::skip),
    of("enspace", T::skip),
    of("space", T::skip),
    of("negthinspace", T::skip),
    of("(", T::skip),
    of(")", T::skip),
    of("[", T::skip),
    of("]", T::skip),
    of("boxed", T::skip),
    of("fbox", T::skip),
    of("underline", T::skip),
    of("rm", T::skip),
    of("bf", T::skip),
    of("it", T::skip),
    of("sf", T::skip),
    of("hline", T::skip),
    of("mathop", T::skip),
    of("mathbin", T::skip),
    of("mathrel", T::skip),
    of("mathstrut", T::skip),
    of("strut", T::skip),
    of("centering", T::skip),
    of("boldmath", T::skip),
    of("ensuremath", T::skip),
    of("hfill", T::skip),
    of("large", T::skip),
    of("Large", T::skip),
    of("LARGE", T::skip),
    of("huge", T::skip),
    of("small", T::skip),
    of("tiny", T::skip),
    of("normalsize", T::skip),
    of("phantom", T::skip_argument),
    of("hphantom", T::skip_argument),
    of("vphantom", T::skip_argument),
    of("hspace", T::skip_argument),
    of("vspace", T::skip_argument),
    of("color", T::skip_argument),
    of("textcolor", T::skip_argument),
    of("tag", T::skip_argument),
    of("label", T::skip_argument),
    of("cline", T::skip_argument),
    of("text", T::text),
    of("mbox", T::text),
    of("textbf", T::text),
    of("textrm", T::text),
    of("textit", T::text),
    of("textnormal", T::text),
    of("textsf", T::text),
    of("texttt", T::text),
    of("textup", T::text),
    of("textsc", T::text),
    of("emph", T::text),
    of("hbox", T::text),
    of("mathrm", T::font),
    of("mathbf", T::font),
    of("mathit", T::font),
    of("mathsf", T::font),
    of("mathtt", T::font),
    of("boldsymbol", T::font),
    of("bm", T::font),
    of("pmb", T::font),
    of("mathnormal", T::font),
    of("mathcal", T::font),
    of("mathscr", T::font),
    of("mathfrak", T::font),
});

}  // namespace

std::optional<Meaning> find_command(std::string_view name) {
  if (auto found = find(kCommands, name)) return found;
  if (auto found = find(kLetters, name)) return found;
  return find(kFunctions, name);
}

std::optional<Meaning> find_word(std::string_view word) {
  if (auto found = find(kWords, word)) return found;
  return find(kFunctions, word);
}

}  // namespace reckon::rewards::math
