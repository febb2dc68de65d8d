// The battery itself: does it notice what it looks for? A false `reckon sandbox` runs programs on
// the bare host and reports a success; each program leaves one trace.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "core/error.h"
#include "sandbox/child_process.h"
#include "tests/sandbox/battery/attack.h"
#include "tests/sandbox/battery/command.h"

namespace reckon::tests {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFalseSandbox = R"(#!/usr/bin/python3
import json, subprocess, sys
done = subprocess.run(["/usr/bin/python3", sys.argv[-1]], stdin=sys.stdin, capture_output=True, text=True)
print(json.dumps({"outcome": "ok", "exit_code": 0, "signal": None, "cpu_s": 0.1, "wall_s": 0.1,
                  "stdout": done.stdout, "stderr": done.stderr, "truncated": False,
                  "backend": "cgroup1"}))
)";

class Folder {
 public:
  Folder() : path_((fs::temp_directory_path() / "reckon-watch-XXXXXX").string()) {
    check(::mkdtemp(path_.data()) != nullptr, ErrorCode::io, "expected a folder, got none");
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(fs::path(path_) / name) << text;
    ::chmod((fs::path(path_) / name).c_str(), 0755);
    return fs::path(path_) / name;
  }

 private:
  std::string path_;
};

// What reckon-attack-run says about `program` in the false sandbox.
std::string complaints(const std::string& program) {
  const Folder folder;
  const auto out = folder.write("out", "");
  const auto attack = folder.write("attack.py", "# what: A trace.\n# outcome: ok\n" + program);
  sandbox::ChildOptions options;
  options.argv = {RECKON_ATTACK_RUN, folder.write("command", kFalseSandbox).string(),
                  attack.string(), "0"};
  options.keep_environment = true;
  std::FILE* const file = std::fopen(out.c_str(), "w");
  options.output = ::fileno(file);
  const int status = sandbox::ChildProcess(options).wait();
  std::fclose(file);
  std::ifstream stream(out);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  CHECK((status == 0) == (text.find("WRONG") == std::string::npos));
  return text;
}

}  // namespace

TEST_SUITE("sandbox") {
  TEST_CASE("The battery notices every kind of trace that a broken sandbox leaves") {
    struct Trace {
      const char* program;
      const char* complaint;
    };
    const Trace traces[] = {
        {"import subprocess\nsubprocess.Popen(['sleep', '30'], stdout=subprocess.DEVNULL, "
         "stderr=subprocess.DEVNULL, start_new_session=True)",
         "still runs"},
        {"import socket\nsocket.create_connection(('127.0.0.1', @TCP@))", "listener: TCP"},
        {"import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', "
         "('127.0.0.1', @UDP@))",
         "listener: UDP"},
        {"import socket\nsocket.socket(socket.AF_UNIX).connect('\\0@ABSTRACT@')",
         "listener: abstract stream"},
        {"import socket\nsocket.socket(socket.AF_UNIX).connect('@UNIX@')", "listener: socket file"},
        {"print(open('@CANARY@').read())", "secret of the canary"},
        {"import os\nprint(os.environ['RECKON_CANARY'])", "secret of the canary"},
        {"open('@CANARY@', 'a').write('x')", "canary is changed"},
        {"import os\nopen(os.path.dirname('@CANARY@') + '/reckon_attack', 'w')", "is left"},
        {"print('ESCAPED')", "ESCAPED"},
    };
    for (const auto& trace : traces) {
      CAPTURE(trace.program);
      CHECK(complaints(trace.program).find(trace.complaint) != std::string::npos);
    }
    CHECK(complaints("print('an honest program')").find("WRONG") == std::string::npos);
  }

  TEST_CASE("The battery notices a wrong outcome, output, status or end") {
    CHECK(complaints("# stdout: other\\n\nprint('x')").find("stdout is") != std::string::npos);
    CHECK(complaints("# signal: 9\n").find("signal is") != std::string::npos);
    CHECK(complaints("# exit_code: 3\n").find("exit_code is") != std::string::npos);
    CHECK(complaints("# wall_below: 0.05\n").find("wall time") != std::string::npos);
    CHECK(complaints("# stdout_has: x\n").find("no x in") != std::string::npos);
    CHECK(complaints("# stdout_bytes: 7\n").find("0 bytes instead of 7") != std::string::npos);
    CHECK(complaints("# truncated: yes\n").find("truncated is") != std::string::npos);
    CHECK(complaints("# unknown: 1\n").find("known key") != std::string::npos);
  }
}

}  // namespace reckon::tests
