#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sandbox/bare_folder.h"
#include "sandbox/bubblewrap.h"
#include "sandbox/control.h"
#include "sandbox/process_tree.h"
#include "sandbox/sandbox.h"
#include "sandbox/slot.h"
#include "sandbox/supervise.h"

namespace reckon::sandbox {

/// Layers of isolation that a box has beyond limits and init.
struct Features {
  bool bubblewrap = true;  ///< namespaces and a read-only root
  bool no_userns = true;   ///< no further user namespaces in the box
  bool seccomp = true;

  std::string names() const;  ///< of the layers in force, with init: "bubblewrap,seccomp,init"
};

/// What all boxes of a sandbox share. Not changed after the sandbox was made.
struct BoxBase {
  std::filesystem::path init_path;
  bool init_is_public = false;  ///< whether every user can reach that path; else boxes get a copy
  std::string init_bytes;
  std::string filter;
  std::string backend;
  Features features;
  std::function<bool()> stop;  ///< may be empty
};

/// A box of one slot. Without bubblewrap it is only a folder of the host, with the limits.
class SlotBox : public Box {
 public:
  /// `base` and `slot` must outlive the box; `on_close` is called last.
  SlotBox(const BoxBase& base, Slot& slot, BoxOptions options, std::function<void()> on_close);
  ~SlotBox() override;

  /// Starts what makes the box and waits for init. False, and a reason, if that fails.
  bool launch(std::string& why);
  Outcome run(const Run& run) override;

 private:
  ChildOptions command(int status, int control);
  bool ready(std::string& why);
  bool open_init(const std::string& status);
  void limit(const Limits& limits);
  bool wait_clean();
  GroupUsage usage();
  Streams start(const Run& run, bool& sent);
  void teardown();

  const BoxBase& base_;
  Slot& slot_;
  BoxOptions options_;
  std::function<void()> on_close_;
  std::unique_ptr<BareFolder> folder_;  // without bubblewrap
  ChildProcess starter_;                // bubblewrap, or init itself
  Control control_;
  UniqueFd status_;             // bubblewrap's messages
  UniqueFd errors_;             // its standard error, a file in memory
  std::vector<UniqueFd> kept_;  // descriptors that it reads while it starts
  UniqueFd init_;               // pidfd
  ProcessTree tree_;
  uint64_t number_ = 0;
  bool dirty_ = false;  // a run has ended, and /box is not known to be empty
};

}  // namespace reckon::sandbox
