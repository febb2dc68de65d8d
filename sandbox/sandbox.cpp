#include "sandbox/sandbox.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "core/error.h"
#include "sandbox/box.h"
#include "sandbox/machine.h"

namespace reckon::sandbox {
namespace {

class SlotSandbox : public Sandbox {
 public:
  SlotSandbox(Machine machine, int slots) : machine_(std::move(machine)), most_(slots) {}

  std::unique_ptr<Box> open(const BoxOptions& options, std::string& why) override {
    Slot* slot = lease();
    auto box =
        std::make_unique<SlotBox>(machine_.base, *slot, options, [this, slot] { give_back(slot); });
    if (!box->launch(why)) box.reset();
    return box;
  }

 private:
  // Waits until a slot is free. Slots are made when they are first needed.
  Slot* lease() {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [this] { return !free_.empty() || made() < most_; });
    if (free_.empty()) {
      const int number = next_slot_number();
      slots_.push_back(std::make_unique<Slot>(number, user_of_slot(number), machine_.groups.get()));
      free_.push_back(slots_.back().get());
    }
    Slot* slot = free_.back();
    free_.pop_back();
    return slot;
  }

  void give_back(Slot* slot) {
    const std::lock_guard lock(mutex_);
    free_.push_back(slot);
    freed_.notify_one();
  }

  int made() const { return static_cast<int>(slots_.size()); }

  const Machine machine_;
  const int most_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> free_;
};

}  // namespace

std::unique_ptr<Sandbox> make_sandbox(const SandboxOptions& options) {
  Machine machine = options.probe ? probe_machine(options) : whole_machine(options);
  const std::string missing = machine.missing();
  check(options.require == Require::best_effort || missing.empty(), ErrorCode::unsupported,
        "expected every layer of isolation, got none of: {}. Untrusted code is not run without "
        "them unless best_effort is asked for",
        missing);
  return std::make_unique<SlotSandbox>(std::move(machine), std::max(1, options.slots));
}

std::vector<Layer> probe_layers(const SandboxOptions& options) {
  return probe_machine(options).layers;
}

}  // namespace reckon::sandbox
