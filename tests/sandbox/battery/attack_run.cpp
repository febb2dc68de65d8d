// Runs one attack in the sandbox and looks at the outcome and at the host:
//
//   reckon-attack-run COMMAND ATTACK USER
//
// COMMAND is the program whose `sandbox` is tried. USER 0 keeps the caller's identity, another
// number becomes that user first. Prints one line per thing that is wrong; exit status 0 only if
// there is none. A process of its own per attack: whatever a sandbox leaves behind is inherited by
// it, so that attacks may run side by side and each knows its own traces.
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"
#include "tests/sandbox/battery/attack.h"
#include "tests/sandbox/battery/command.h"
#include "tests/sandbox/battery/host_watch.h"

namespace reckon::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using Complaints = std::vector<std::string>;

// How late an outcome may be: compilation and a machine that is busy with other tests.
constexpr milliseconds kGrace{25000};
// How far a run may pass its limits before somebody notices.
constexpr double kLateWall_s = 2.0;
constexpr double kLateCpu_s = 0.75;

constexpr const char* kNeighbour = R"(
import socket, time
secret = "@CANARY@"
open("/box/neighbour", "w").write(secret)
listener = socket.socket(socket.AF_UNIX)
listener.bind("\0neighbour")
listener.listen()
time.sleep(1.2)
assert open("/box/neighbour").read() == secret
print("not disturbed")
)";
constexpr const char* kControl = "print('alive', 6 * int(input()))\n";

fs::path write_program(const fs::path& folder, const std::string& name, const std::string& text) {
  const fs::path file = folder / name;
  std::ofstream(file) << text;
  return file;
}

void become(unsigned user) {
  check(::setgroups(0, nullptr) == 0 && ::setresgid(user, user, user) == 0 &&
            ::setresuid(user, user, user) == 0,
        ErrorCode::io, "expected to become user {}, got refused", user);
  ::prctl(PR_SET_DUMPABLE, 1);  // else its own folder of /proc would be closed to it
}

std::optional<nlohmann::json> report_of(Command& command, milliseconds limit, Complaints& wrong) {
  if (!command.wait(limit)) {
    wrong.push_back(fmt::format("no outcome within {} ms", limit.count()));
    return {};
  }
  if (command.status() != 0) {
    wrong.push_back(fmt::format("wait status {}: {}", command.status(), command.err()));
    return {};
  }
  try {
    return parse_json_text(command.out(), "outcome");
  } catch (const Error& error) {
    wrong.push_back(std::string("no JSON: ") + error.what());
    return {};
  }
}

template <class Value>
void expect_equal(const nlohmann::json& report, const char* key, const std::optional<Value>& value,
                  Complaints& wrong) {
  if (value && report.at(key) != *value) {
    wrong.push_back(fmt::format("{} is {} instead of {}", key, json_text(report.at(key)), *value));
  }
}

void judge_output(const Attack& attack, const nlohmann::json& report, Complaints& wrong) {
  const std::string output = report.at("stdout");
  const auto shown = [&] { return json_text(output.substr(0, 300)); };
  if (attack.output && output != *attack.output) wrong.push_back("stdout is " + shown());
  if (attack.output_bytes && output.size() != *attack.output_bytes) {
    wrong.push_back(
        fmt::format("stdout has {} bytes instead of {}", output.size(), *attack.output_bytes));
  }
  for (const auto& text : attack.output_has) {
    if (output.find(text) == std::string::npos) wrong.push_back("no " + text + " in " + shown());
  }
  for (const auto& text : attack.output_not) {
    if (output.find(text) != std::string::npos) wrong.push_back(text + " in " + shown());
  }
  // A compiler's message quotes the source, which holds the word.
  if (report.at("outcome") != "compile_error" && output.find("ESCAPED") != std::string::npos) {
    wrong.push_back(shown());
  }
}

void judge_use(const Attack& attack, const nlohmann::json& report, Complaints& wrong) {
  const bool compiled = report.at("outcome") == "compile_error";  // with limits of its own
  const bool counted = report.at("backend") != "rlimit";
  const double wall = report.at("wall_s"), cpu = report.at("cpu_s");
  double most_wall = attack.number("--time", 8.0) + kLateWall_s;
  if (attack.wall_below_s > 0.0) most_wall = attack.wall_below_s;
  if (!compiled && wall > most_wall) wrong.push_back(fmt::format("wall time {} s", wall));
  if (!compiled && counted && cpu > attack.number("--cpu", 2.0) + kLateCpu_s) {
    wrong.push_back(fmt::format("CPU time {} s", cpu));
  }
}

void judge(const Attack& attack, const nlohmann::json& report, Complaints& wrong) {
  const bool counted = report.at("backend") != "rlimit";
  const auto& allowed =
      counted || attack.rlimit_outcomes.empty() ? attack.outcomes : attack.rlimit_outcomes;
  const std::string outcome = report.at("outcome");
  if (std::ranges::find(allowed, outcome) == allowed.end()) {
    std::string text = "outcome is " + outcome + " instead of";
    for (const auto& other : allowed) text += " " + other;
    wrong.push_back(text + "; stderr " + json_text(report.at("stderr")).substr(0, 600));
  }
  expect_equal(report, "exit_code", attack.exit_code, wrong);
  expect_equal(report, "signal", attack.signal, wrong);
  expect_equal(report, "truncated", attack.truncated, wrong);
  judge_output(attack, report, wrong);
  judge_use(attack, report, wrong);
}

// An honest program: `ok` and this output, or something is broken.
void judge_honest(Command& command, const std::string& who, const std::string& output,
                  Complaints& wrong) {
  const auto report = report_of(command, kGrace, wrong);
  if (report && (report->at("outcome") != "ok" || report->at("stdout") != output)) {
    wrong.push_back(who + ": " + json_text(*report));
  }
}

Complaints run(const fs::path& program, const Attack& attack, const fs::path& folder) {
  Complaints wrong;
  HostWatch host(folder);
  std::vector<pid_t> commands;
  std::optional<Command> neighbour;
  {
    if (attack.neighbour) {
      const auto text = with_values(kNeighbour, {{"@CANARY@", host.secret()}});
      const auto file = write_program(folder, "program.neighbour.py", text);
      neighbour.emplace(program, std::vector<std::string>{"--time", "20"}, file, host.secret());
      commands.push_back(neighbour->pid());
    }
    const auto file = write_program(folder, "program.attack" + attack.suffix,
                                    with_values(attack.source, host.values()));
    Command command(program, attack.options, file, attack.input);
    commands.push_back(command.pid());
    const milliseconds limit(static_cast<int>(1000 * attack.number("--time", 8.0)));
    const auto report = report_of(command, limit + kGrace, wrong);
    if (report) judge(attack, *report, wrong);
    if (report)
      std::printf("%s (%s)\n", report->at("outcome").get<std::string>().c_str(),
                  report->at("backend").get<std::string>().c_str());
    if ((command.out() + command.err()).find(host.secret()) != std::string::npos) {
      wrong.push_back("the secret of the canary is in the output");
    }
    if (neighbour) judge_honest(*neighbour, "the neighbour", "not disturbed\n", wrong);
    neighbour.reset();
  }
  for (auto& trace : host.traces(commands)) wrong.push_back(std::move(trace));
  Command control(program, {"--time", "20"}, write_program(folder, "program.control.py", kControl),
                  "7\n");
  judge_honest(control, "the next program", "alive 42\n", wrong);
  return wrong;
}

int main_of(int argc, char** argv) {
  check(argc == 4, ErrorCode::invalid_argument, "expected COMMAND ATTACK USER, got {} words",
        argc - 1);
  const Attack attack = read_attack(argv[2]);
  const auto user = static_cast<unsigned>(std::stoul(argv[3]));
  std::string folder = (fs::temp_directory_path() / "reckon-battery-XXXXXX").string();
  check(::mkdtemp(folder.data()) != nullptr, ErrorCode::io, "expected a folder, got none");
  ::chmod(folder.c_str(), 0755);
  Complaints wrong;
  const pid_t child = ::fork();  // keeps the identity that may remove the folder
  if (child != 0) {
    int status = 0;
    ::waitpid(child, &status, 0);
    fs::remove_all(folder);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
  }
  if (user != 0) {
    check(::chown(folder.c_str(), user, user) == 0, ErrorCode::io,
          "expected to give a folder away");
    become(user);
  }
  wrong = run(argv[1], attack, folder);
  for (const auto& line : wrong) std::printf("WRONG: %s\n", line.c_str());
  std::fflush(stdout);
  ::_exit(wrong.empty() ? 0 : 1);
}

}  // namespace
}  // namespace reckon::tests

int main(int argc, char** argv) {
  try {
    return reckon::tests::main_of(argc, argv);
  } catch (const std::exception& error) {
    std::printf("WRONG: %s\n", error.what());
    return 2;
  }
}
