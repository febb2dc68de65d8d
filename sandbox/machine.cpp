#include "sandbox/machine.h"

#include <unistd.h>

#include "core/error.h"
#include "sandbox/init_program.h"
#include "sandbox/seccomp_filter.h"

namespace reckon::sandbox {
namespace {

// Identities on the host for boxes when the judge is root: high numbers that nobody has.
constexpr uint32_t kFirstUser = 61184;
constexpr uint32_t kUsers = 4000;
constexpr uint32_t kUsersOfOne = 16;  // several judges at once should not share a number

// Whether a box with these features comes up.
bool starts(const BoxBase& base, const Features& features, std::string& why) {
  BoxBase tried = base;
  tried.features = features;
  const int number = next_slot_number();
  Slot slot(number, user_of_slot(number), nullptr);
  SlotBox box(tried, slot, {}, [] {});
  return box.launch(why);
}

std::string detail(bool present, const std::string& why) { return present ? "" : why; }

// Finds which layers fail, one at a time, when not all of them come up together.
void probe_one_by_one(Machine& machine, const std::string& whole) {
  Features& have = machine.base.features;
  std::string why_bubblewrap = whole, why_userns, why_filter;
  have = {true, false, false};
  have.bubblewrap = starts(machine.base, have, why_bubblewrap);
  const bool seccomp_built = !machine.base.filter.empty();
  if (have.bubblewrap) {
    have.no_userns = starts(machine.base, {true, true, false}, why_userns);
    have.seccomp = seccomp_built && starts(machine.base, {true, have.no_userns, true}, why_filter);
  } else {
    why_userns = why_filter = "needs bubblewrap";
  }
  machine.layers = {
      {"namespaces", have.bubblewrap, true, detail(have.bubblewrap, why_bubblewrap)},
      {"read-only root", have.bubblewrap, true, detail(have.bubblewrap, "needs bubblewrap")},
      {"closed user namespaces", have.no_userns, true, detail(have.no_userns, why_userns)},
      {"seccomp", have.seccomp, true, detail(have.seccomp, why_filter)}};
}

}  // namespace

std::string Machine::missing() const {
  std::string text;
  for (const Layer& layer : layers) {
    if (layer.present || !layer.needed) continue;
    text += (text.empty() ? "" : "; ") + layer.name;
    if (!layer.detail.empty()) text += " (" + layer.detail + ")";
  }
  return text;
}

uint32_t user_of_slot(int slot) {
  if (::geteuid() != 0) return 0;
  return kFirstUser +
         (static_cast<uint32_t>(::getpid()) * kUsersOfOne + static_cast<uint32_t>(slot)) % kUsers;
}

namespace {

// What boxes are made of here. `why` says why there is no filter or no group.
struct Parts {
  Machine machine;
  std::string why_filter, why_groups = "not asked for";
};

Parts find_parts(const SandboxOptions& options) {
  Parts parts;
  Machine& machine = parts.machine;
  if (options.control_groups) machine.groups = find_groups(parts.why_groups);
  BoxBase& base = machine.base;
  base.stop = options.stop;
  base.init_path = find_init_program(options.init_program);
  base.init_is_public = is_public(base.init_path);
  base.init_bytes = init_program_bytes(options.init_program);
  base.backend = machine.groups ? machine.groups->backend() : "rlimit";
  try {
    base.filter = build_filter({.memory_files = machine.groups != nullptr});
  } catch (const Error& error) {
    parts.why_filter = error.what();
  }
  return parts;
}

}  // namespace

Machine whole_machine(const SandboxOptions& options) {
  auto parts = find_parts(options);
  return parts.why_filter.empty() ? std::move(parts.machine) : probe_machine(options);
}

Machine probe_machine(const SandboxOptions& options) {
  Parts parts = find_parts(options);
  std::string why = parts.why_filter;
  Machine machine = std::move(parts.machine);
  const BoxBase& base = machine.base;
  if (!base.filter.empty() && starts(base, {}, why)) {
    machine.layers = {{"namespaces", true, true, "user, pid, mount, net, ipc, uts, cgroup"},
                      {"read-only root", true, true, ""},
                      {"closed user namespaces", true, true, ""},
                      {"seccomp", true, true, ""}};
  } else {
    probe_one_by_one(machine, why);
  }
  machine.layers.push_back({"reckon-init", true, true, base.init_path.string()});
  machine.layers.push_back({"rlimits", true, true, ""});
  machine.layers.push_back({"control groups", machine.groups != nullptr, false,
                            machine.groups ? base.backend : parts.why_groups});
  return machine;
}

}  // namespace reckon::sandbox
