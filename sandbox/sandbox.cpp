#include "sandbox/sandbox.h"

#include <unistd.h>

#include <array>
#include <condition_variable>
#include <mutex>

#include "core/error.h"
#include "core/files.h"
#include "sandbox/box.h"
#include "sandbox/init_program.h"
#include "sandbox/seccomp_filter.h"

namespace reckon::sandbox {
namespace {

// Identities on the host for boxes when the judge is root: high numbers that nobody has.
constexpr uint32_t kFirstUser = 61184;
constexpr uint32_t kUsers = 4000;

uint32_t user_of_slot(int slot) {
  if (::geteuid() != 0) return 0;
  // Several judges at once should not share a number.
  return kFirstUser + (static_cast<uint32_t>(::getpid()) * 16 + static_cast<uint32_t>(slot)) % kUsers;
}

class BubblewrapSandbox : public Sandbox {
 public:
  explicit BubblewrapSandbox(const SandboxOptions& options) : most_(std::max(1, options.slots)) {
    std::string why;
    groups_ = find_groups(why);
    base_.init_bytes = init_program_bytes(options.init_program);
    base_.filter = build_filter({.memory_files = groups_ != nullptr});
    base_.backend = groups_ ? groups_->backend() : "rlimit";
    base_.layers = "bubblewrap,seccomp,init";
  }

  std::unique_ptr<Box> open(const BoxOptions& options, std::string& why) override {
    Slot* slot = lease();
    auto box = std::make_unique<BubblewrapBox>(base_, *slot, options,
                                               [this, slot] { give_back(slot); });
    if (!box->launch(why)) box.reset();
    return box;
  }

 private:
  // Waits until a slot is free. Slots are made when they are first needed.
  Slot* lease() {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [this] { return !free_.empty() || made() < most_; });
    if (free_.empty()) {
      slots_.push_back(std::make_unique<Slot>(made(), user_of_slot(made()), groups_.get()));
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

  const int most_;
  std::unique_ptr<Groups> groups_;
  BoxBase base_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> free_;
};

}  // namespace

std::unique_ptr<Sandbox> make_sandbox(const SandboxOptions& options) {
  return std::make_unique<BubblewrapSandbox>(options);
}

std::vector<Layer> probe_layers(const SandboxOptions&) { return {}; }

}  // namespace reckon::sandbox
