#include <chrono>

#include "cli/command.h"
#include "core/error.h"
#include "policy/gguf/model_convert.h"

namespace reckon::cli {
namespace {

struct Arguments {
  std::string input;
  std::string output;
  std::string type;
};

// Says how far a conversion is, once it takes more than a second: in place on a terminal, else a
// line every ten seconds.
class ProgressLine {
 public:
  explicit ProgressLine(bool is_terminal) : is_terminal_(is_terminal) {}
  ~ProgressLine() {
    if (is_terminal_ && shown_) fmt::print(stderr, "\n");
  }

  void show(size_t done, size_t total) {
    const auto now = Clock::now();
    if (now < next_) return;
    next_ = now + (is_terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(10));
    shown_ = true;
    const std::string text = fmt::format("{} of {} tensors", done, total);
    fmt::print(stderr, "{}{}{}", is_terminal_ ? "\r" : "", text, is_terminal_ ? "" : "\n");
    std::fflush(stderr);
  }

 private:
  using Clock = std::chrono::steady_clock;
  bool is_terminal_;
  bool shown_ = false;
  Clock::time_point next_ = Clock::now() + std::chrono::seconds(1);
};

std::optional<policy::GgmlType> parse_type(const std::string& name) {
  if (name == "f32") return policy::GgmlType::f32;
  if (name == "f16") return policy::GgmlType::f16;
  if (name == "bf16") return policy::GgmlType::bf16;
  if (name == "q8_0") return policy::GgmlType::q8_0;
  return std::nullopt;
}

int convert(const Arguments& arguments, const Environment& environment) {
  policy::ConvertOptions options;
  options.type = parse_type(arguments.type);
  policy::ConvertResult result;
  {
    ProgressLine line(environment.is_terminal);
    options.progress = [&](size_t done, size_t total) { line.show(done, total); };
    result = policy::convert_model(arguments.input, arguments.output, options);
  }
  for (const std::string& warning : result.warnings) {
    fmt::print(stderr, "reckon: warning: {}\n", warning);
  }
  fmt::print("{} ({})\n", std::filesystem::absolute(arguments.output).string(),
             policy::ggml_type_info(result.type).name);
  return done;
}

}  // namespace

void add_convert(CLI::App& app, Action& action) {
  auto* command =
      app.add_subcommand("convert",
                         "Convert a model between a Hugging Face folder and a GGUF file, in either "
                         "direction, or into\n"
                         "another type of the same form. OUT is a GGUF file if its name ends in "
                         ".gguf, else a folder.\n\n"
                         "  reckon convert runs/tiny-zero/stages/zero/model model.gguf\n"
                         "  reckon convert SmolLM2-135M-Instruct.Q4_1.gguf smollm2 --type bf16\n");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("IN", arguments->input, "a Hugging Face folder or a GGUF file")->required();
  command->add_option("OUT", arguments->output, "a file that ends in .gguf, or a folder")
      ->required();
  command
      ->add_option("--type", arguments->type,
                   "type of the matrices; norms and biases stay f32 in a GGUF file. Default: that "
                   "of IN if it is f32, f16 or bf16, else (quantised or mixed) f16. q8_0 is for "
                   "GGUF files; matrices whose rows are no multiple of 32 become f16 there")
      ->check(CLI::IsMember({"f32", "f16", "bf16", "q8_0"}));
  command->callback([arguments, &action] {
    action = [arguments](const Environment& environment) {
      return convert(*arguments, environment);
    };
  });
}

}  // namespace reckon::cli
