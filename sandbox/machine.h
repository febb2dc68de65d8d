#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sandbox/box.h"
#include "sandbox/group.h"
#include "sandbox/sandbox.h"

namespace reckon::sandbox {

/// What this machine has for boxes.
struct Machine {
  BoxBase base;
  std::unique_ptr<Groups> groups;  ///< null: limits of single processes only
  std::vector<Layer> layers;

  /// Names of needed layers that are missing, with why.
  std::string missing() const;
};

/// Tries the layers by starting boxes; a whole machine costs one start. `options.require` is not
/// looked at.
Machine probe_machine(const SandboxOptions& options);

/// The same untried: a machine that is taken to have every layer.
Machine whole_machine(const SandboxOptions& options);

/// The host's identity for a slot: one that nobody has where the caller is root, else 0, the
/// caller's own.
uint32_t user_of_slot(int slot);

}  // namespace reckon::sandbox
