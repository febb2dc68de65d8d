// An answer as text: what is read must be printed as something that is read again; and a completion
// must give an answer that lies inside it.
#include "rewards/math/math.h"
#include "tests/fuzz/fuzz_input.h"

using namespace reckon;
using namespace reckon::rewards::math;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::as_text(data, size);
  for (const Style style : {Style::boxed, Style::tag, Style::hash, Style::line, Style::lenient}) {
    MathOptions options;
    options.style = style;
    const Extraction answer = extract(text, options);
    fuzz::must(!answer.found || text.find(answer.text) != std::string_view::npos);
  }
  ReadOptions options;
  options.decimal_comma = size % 2 == 1;
  const ReadResult result = read_answer(text, options);
  fuzz::must(result.readings.size() <= 2);
  for (const Reading& reading : result.readings) {
    const std::string printed = to_latex(reading);
    if (printed.size() > Guards::kBytes) continue;
    const ReadResult again = read_answer(printed);
    if (!again.ok() && again.failure == rewards::Reason::guard) continue;
    fuzz::must(again.ok() && to_latex(again.readings[0]) == printed);
  }
  return 0;
}
