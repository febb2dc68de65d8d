#include <fmt/format.h>

#include "core/error.h"
#include "sandbox/sandbox.h"

namespace reckon::sandbox {
namespace {

constexpr size_t kDiagnosticBytes = 2048;
constexpr const char* kBinary = "/prog/main";
// Starts /prog/main.py, for programs that name `exit` or `quit`. Without the module `site`, which costs half as much time as Python itself,
// programs lack `exit` and `quit`; these two are put back, and no other name is left behind.
constexpr const char* kPythonStart =
    "import builtins as b, _sitebuiltins as s, sys\n"
    "b.exit = s.Quitter('exit', 'Ctrl-D'); b.quit = s.Quitter('quit', 'Ctrl-D')\n"
    "sys.argv[0] = __file__ = '/prog/main.py'\n"
    "c = compile(open(__file__, 'rb').read(), __file__, 'exec')\n"
    "del b, s, sys\n"
    "exec(globals().pop('c'))";

// Putting the two names back takes a millisecond, which most programs need not wait for.
bool names_exit(std::string_view source) {
  return source.find("exit") != std::string_view::npos ||
         source.find("quit") != std::string_view::npos;
}

const char* source_path(Language language) {
  switch (language) {
    case Language::python:
      return "/prog/main.py";
    case Language::cpp:
      return "/prog/main.cpp";
    case Language::c:
      return "/prog/main.c";
    case Language::bash:
      return "/prog/main.sh";
  }
  fail(ErrorCode::internal, "expected a language");
}

std::vector<std::string> compiler(Language language) {
  if (language == Language::cpp) {
    return {"/usr/bin/g++", "-std=c++20", "-O2", "-pipe", "-o", "/box/main", "/prog/main.cpp"};
  }
  return {"/usr/bin/gcc", "-O2", "-pipe", "-o", "/box/main", "/prog/main.c", "-lm"};
}

Outcome compile(Sandbox& sandbox, Language language, const File& source) {
  const Limits limits = compile_limits(language);
  Outcome outcome;
  auto box = sandbox.open({{source}, limits}, outcome.message);
  if (!box) return outcome;
  Run run;
  run.argv = compiler(language);
  run.limits = limits;
  run.collect = "/box/main";
  outcome = box->run(run);
  if (outcome.outcome == OutcomeKind::not_started) {
    outcome.message = fmt::format("{}: {}", run.argv[0], outcome.message);
    return outcome;
  }
  if (outcome.outcome == OutcomeKind::ok && !outcome.collected_bytes.empty()) return outcome;
  outcome.message = outcome.stderr_bytes.substr(0, kDiagnosticBytes);
  if (outcome.message.empty()) {
    outcome.message = fmt::format("the compiler ended with {}", to_string(outcome.outcome));
  }
  outcome.outcome = OutcomeKind::compile_error;
  return outcome;
}

}  // namespace

Prepared prepare(Sandbox& sandbox, Language language, std::string_view source) {
  Prepared prepared;
  File file{source_path(language), std::string(source)};
  prepared.compilation.outcome = OutcomeKind::ok;
  switch (language) {
    case Language::python:
      prepared.argv = {"/usr/bin/python3", "-P", "-s", "-S", "-B"};
      if (names_exit(source)) {
        prepared.argv.insert(prepared.argv.end(), {"-c", kPythonStart});
      } else {
        prepared.argv.push_back(file.path);
      }
      break;
    case Language::bash:
      prepared.argv = {"/usr/bin/bash", file.path};
      break;
    case Language::cpp:
    case Language::c:
      prepared.compilation = compile(sandbox, language, file);
      prepared.argv = {kBinary};
      file = {kBinary, std::move(prepared.compilation.collected_bytes), true};
      prepared.compilation.collected_bytes.clear();
      break;
  }
  prepared.files.push_back(std::move(file));
  return prepared;
}

Outcome run_program(Sandbox& sandbox, Language language, std::string_view source,
                    std::string_view input, const Limits& limits) {
  Prepared prepared = prepare(sandbox, language, source);
  if (prepared.compilation.outcome != OutcomeKind::ok) return prepared.compilation;
  Outcome outcome;
  auto box = sandbox.open({std::move(prepared.files), limits}, outcome.message);
  if (!box) return outcome;
  Run run;
  run.argv = std::move(prepared.argv);
  run.input = input;
  run.limits = limits;
  return box->run(run);
}

}  // namespace reckon::sandbox
