#include "sandbox/bubblewrap.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/error.h"

namespace reckon::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr const char* kInitPath = "/.reckon/init";

// bubblewrap's options: words that end in NUL each, given by a descriptor so that no list of
// processes shows them.
class Words {
 public:
  template <class... Texts>
  void add(const Texts&... texts) {
    (append(texts), ...);
  }
  const std::string& text() const { return text_; }

 private:
  void append(const std::string& word) {
    text_ += word;
    text_ += '\0';
  }
  std::string text_;
};

void add_isolation(Words& words, bool further_namespaces) {
  // One by one: the collective option goes on silently without those that fail.
  words.add("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
            "--unshare-cgroup");
  if (!further_namespaces) words.add("--disable-userns");
  words.add("--uid", "65534", "--gid", "65534", "--hostname", "sandbox", "--cap-drop", "ALL");
  words.add("--die-with-parent", "--new-session", "--as-pid-1");
}

void add_environment(Words& words) {
  words.add("--clearenv");
  words.add("--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin", "--setenv", "HOME", "/box");
  words.add("--setenv", "TMPDIR", "/box", "--setenv", "LANG", "C.UTF-8");
  words.add("--setenv", "PYTHONHASHSEED", "0", "--setenv", "OMP_NUM_THREADS", "1");
}

// Interpreters, compilers and their libraries.
void add_system(Words& words) {
  words.add("--ro-bind", "/usr", "/usr");
  for (const char* name : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
    std::error_code none;
    if (fs::is_symlink(name, none)) {
      words.add("--symlink", fs::read_symlink(name, none).string(), name);
    } else {
      words.add("--ro-bind-try", name, name);
    }
  }
  words.add("--ro-bind-try", "/etc/alternatives", "/etc/alternatives");
  words.add("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache");
  for (const char* name : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}) {
    words.add("--dev-bind", name, name);
  }
}

void add_writable(Words& words, int64_t bytes) {
  words.add("--perms", "0700", "--size", fmt::format("{}", bytes), "--tmpfs", "/box");
  words.add("--symlink", "box", "/tmp", "--symlink", "/box", "/dev/shm", "--chdir", "/box");
}

}  // namespace

UniqueFd memory_file(const std::string& bytes) {
  UniqueFd file(::memfd_create("reckon", MFD_CLOEXEC));
  check(bool(file), ErrorCode::io, "expected a file in memory, got: {}", std::strerror(errno));
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put =
        ::pwrite(file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    check(put > 0, ErrorCode::io, "expected a file in memory of {} bytes, got: {}", bytes.size(),
          std::strerror(errno));
    done += static_cast<size_t>(put);
  }
  return file;
}

BubblewrapCommand bubblewrap_command(const BubblewrapPlan& plan) {
  BubblewrapCommand command;
  const auto keep = [&command](UniqueFd file) {
    command.inherited.push_back(file.get());
    command.kept.push_back(std::move(file));
    return fmt::format("{}", command.kept.back().get());
  };
  Words words;
  add_isolation(words, plan.further_namespaces);
  add_environment(words);
  add_system(words);
  const auto add_file = [&](const char* mode, const std::string& bytes, const std::string& path) {
    words.add("--perms", mode, "--ro-bind-data", keep(memory_file(bytes)), path);
  };
  add_file("0444", "nobody:x:65534:65534:nobody:/box:/usr/bin/bash\n", "/etc/passwd");
  for (const File& file : plan.files) {
    add_file(file.executable ? "0555" : "0444", file.bytes, file.path);
  }
  if (plan.init_path.empty()) {
    add_file("0555", plan.init_bytes, kInitPath);
  } else {
    words.add("--ro-bind", plan.init_path.string(), kInitPath);
  }
  add_writable(words, plan.disk_bytes);
  // Last: the root is itself a folder in memory that the box's user could fill.
  words.add("--remount-ro", "/");
  if (!plan.filter.empty()) words.add("--seccomp", keep(memory_file(plan.filter)));
  words.add("--json-status-fd", fmt::format("{}", plan.status));
  command.inherited.push_back(plan.status);
  command.inherited.push_back(plan.control);
  command.argv = {"bwrap", "--args", keep(memory_file(words.text())), kInitPath,
                  fmt::format("{}", plan.control)};
  return command;
}

}  // namespace reckon::sandbox
