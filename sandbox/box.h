#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sandbox/bubblewrap.h"
#include "sandbox/control.h"
#include "sandbox/process_tree.h"
#include "sandbox/sandbox.h"
#include "sandbox/slot.h"
#include "sandbox/supervise.h"

namespace reckon::sandbox {

/// What all boxes of a sandbox share. Not changed after the sandbox was made.
struct BoxBase {
  std::string init_bytes;
  std::string filter;
  std::string backend;
  std::string layers;
};

/// A box made with bubblewrap.
class BubblewrapBox : public Box {
 public:
  /// `base` and `slot` must outlive the box; `on_close` is called last.
  BubblewrapBox(const BoxBase& base, Slot& slot, BoxOptions options,
                std::function<void()> on_close);
  ~BubblewrapBox() override;

  /// Starts bubblewrap and waits for init. False, and a reason, if that fails.
  bool launch(std::string& why);
  Outcome run(const Run& run) override;

 private:
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
  ChildProcess bubblewrap_;
  Control control_;
  UniqueFd status_;  // bubblewrap's messages
  UniqueFd errors_;  // its standard error, a file in memory
  UniqueFd init_;    // pidfd
  ProcessTree tree_;
  uint64_t number_ = 0;
  bool dirty_ = false;  // a run has ended, and /box is not known to be empty
};

}  // namespace reckon::sandbox
