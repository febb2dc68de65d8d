#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sandbox/sandbox.h"

namespace reckon::tests {

/// The two ways of keeping limits that this machine may have.
enum class Backend { groups, processes_only };

/// A sandbox shared by all cases, or null (and one printed reason) where the machine lacks a layer.
/// With `groups` it may still have none: its outcomes say "rlimit" then.
sandbox::Sandbox* shared_sandbox(Backend backend);

/// Runs one program in a box of its own.
sandbox::Outcome run_python(sandbox::Sandbox& sandbox, const std::string& source,
                            const sandbox::Limits& limits = {}, const std::string& input = {});
sandbox::Outcome run_c(sandbox::Sandbox& sandbox, const std::string& source,
                       const sandbox::Limits& limits = {});

/// Limits that end a test soon.
sandbox::Limits short_limits();

/// Number of open descriptors of this process.
int open_descriptors();
/// Whether any process of this machine carries `mark` in its command line.
bool is_running(const std::string& mark);
/// Control groups of this project that lie anywhere below /sys/fs/cgroup and belong to `pid`.
std::vector<std::string> groups_of(int pid);

}  // namespace reckon::tests
