#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reckon::sandbox {

/// What became of a program. Docs: docs/sandbox.md.
enum class OutcomeKind : uint8_t {
  ok,
  nonzero_exit,
  signal,
  time_limit,
  cpu_limit,
  memory_limit,
  output_limit,
  file_limit,
  process_limit,
  denied,
  protocol_error,
  compile_error,
  not_started,
  cancelled,
};
std::string_view to_string(OutcomeKind kind);

/// Languages a program may be written in.
enum class Language : uint8_t { python, cpp, c, bash };
std::string_view to_string(Language language);
/// Nothing if `name` is none of python, cpp (also c++), c, bash.
std::optional<Language> language_from(std::string_view name);

/// What one run may use.
struct Limits {
  double cpu_s = 4.0;  ///< of all processes together
  double wall_s = 14.0;
  int64_t memory_bytes = int64_t{512} << 20;       ///< of all processes together
  int64_t address_space_bytes = int64_t{4} << 30;  ///< of each process
  int64_t processes = 32;                          ///< processes and threads
  int64_t stdout_bytes = int64_t{1} << 20;
  int64_t stderr_bytes = int64_t{64} << 10;
  int64_t disk_bytes = int64_t{64} << 20;  ///< of the writable folder
  int64_t file_bytes = int64_t{16} << 20;
  int64_t open_files = 128;
};
/// Defaults for running a program of `language`, and for compiling one.
Limits run_limits(Language language);
Limits compile_limits(Language language);

/// A file that the sandbox sees read-only at `path`, such as "/prog/main.py". The bytes travel
/// through memory; nothing is written on the host.
struct File {
  std::string path;
  std::string bytes;
  bool executable = false;
};

/// What a run became, and what it used.
struct Outcome {
  OutcomeKind outcome = OutcomeKind::not_started;
  int exit_code = -1;  ///< of the main process; -1 if it did not exit by itself
  int signal = 0;      ///< that ended the main process; 0 if none
  double cpu_s = 0.0;
  double wall_s = 0.0;
  int64_t peak_memory_bytes = 0;
  int64_t peak_processes = 0;
  std::string stdout_bytes;
  std::string stderr_bytes;
  std::string result_bytes;     ///< what came by descriptor 3, if `Run::result_limit` asked for it
  std::string collected_bytes;  ///< of the file that `Run::collect` names
  bool truncated = false;       ///< an output was longer than its cap
  bool inferred = false;        ///< the kind is a guess, for want of a cgroup
  std::string backend;          ///< "cgroup2", "cgroup1" or "rlimit"
  std::string layers;           ///< isolation that was in force: "bubblewrap,seccomp,init" ...
  std::string message;          ///< for people: why not started, what a compiler said
};

/// One process to run inside a box.
struct Run {
  std::vector<std::string> argv;  ///< argv[0] is an absolute path inside the box
  std::string input;              ///< for standard input
  int input_source = -1;          ///< a descriptor that standard input is copied from instead
  Limits limits;
  /// Opens descriptor 3 for writing and reads at most so many bytes from it; 0: there is no
  /// descriptor 3. More bytes than this are a `protocol_error`.
  int64_t result_limit = 0;
  /// A descriptor of the caller (a socket) that the program gets as descriptor 4; -1: none. The
  /// caller keeps and closes its own copy.
  int channel = -1;
  /// Path of a regular file in the writable folder whose bytes are wanted after the process ended
  /// (at most `limits.file_bytes`); empty: none. Links are not followed.
  std::string collect;
};

/// One isolated place for one program: its own namespaces, read-only root and writable folder
/// /box. Each run is a fresh process; between runs every process is killed and /box is emptied.
/// Not thread-safe; destroyed (bounded in time) with all that runs in it.
class Box {
 public:
  virtual ~Box() = default;
  /// Runs one process to its end. Blocks; never longer than the wall limit and a bounded grace.
  virtual Outcome run(const Run& run) = 0;
};

/// How strictly isolation is asked for.
enum class Require : uint8_t { strict, best_effort };

/// Settings of a box.
struct BoxOptions {
  std::vector<File> files;
  Limits limits;  ///< the largest of the runs; those of the group (memory, processes) hold here
};

/// Makes boxes. Thread-safe: several threads may open and use boxes of their own at once.
class Sandbox {
 public:
  virtual ~Sandbox() = default;
  /// A new box, or null and a reason in `why` if it could not be set up.
  virtual std::unique_ptr<Box> open(const BoxOptions& options, std::string& why) = 0;
};

/// One isolation layer of this machine, for `reckon sandbox --check`.
struct Layer {
  std::string name;
  bool present = false;
  bool needed = true;  ///< `strict` refuses to run without it
  std::string detail;
};

struct SandboxOptions {
  Require require = Require::strict;
  /// Try the layers first, and refuse at once if one is missing. Without, the first box that does
  /// not come up is told as `not_started`: one start less for a program that runs one box only.
  bool probe = true;
  /// Most boxes that are open at once.
  int slots = 16;
  /// Whether control groups are used where the machine has them.
  bool control_groups = true;
  /// Asked about twenty times a second, from the thread of each run; once true, the run ends as
  /// `cancelled`.
  std::function<bool()> stop;
  /// Path of reckon-init; empty: beside the running program, else where it was built.
  std::filesystem::path init_program;
};

/// Probes the machine once and makes a sandbox of what it has. Throws `unsupported` that names the
/// missing layers if `require` is strict and one that is needed is missing. With `best_effort`
/// the missing layers are in `layers()` of every outcome.
std::unique_ptr<Sandbox> make_sandbox(const SandboxOptions& options = {});

/// The layers of this machine.
std::vector<Layer> probe_layers(const SandboxOptions& options = {});

/// A source program, compiled where its language needs it. `binary` is kept by the caller and given
/// to as many boxes as it likes.
struct Prepared {
  std::vector<File> files;        ///< for `BoxOptions::files`
  std::vector<std::string> argv;  ///< for `Run::argv`
  Outcome compilation;            ///< `ok` where nothing had to be compiled
};
/// Makes a program ready to run: places the source at /prog, compiles C and C++ in a box of its own
/// (`compile_error` in `compilation.outcome` if that fails, with diagnostics in `message`).
Prepared prepare(Sandbox& sandbox, Language language, std::string_view source);

/// Prepares and runs `source` once in a box of its own.
Outcome run_program(Sandbox& sandbox, Language language, std::string_view source,
                    std::string_view input, const Limits& limits);

}  // namespace reckon::sandbox
