#include "rewards/math/matching.h"

#include <algorithm>

namespace reckon::rewards::math {
namespace {

constexpr size_t kNobody = SIZE_MAX;

/// Augmenting paths, one gold item after the other, without recursion: sizes are at most a few
/// times 64.
class Matching {
 public:
  Matching(const std::vector<std::vector<Reason>>& reasons, size_t count)
      : reasons_(reasons), owner_(count, kNobody) {}

  bool place(size_t gold) {
    std::vector<size_t> from(owner_.size(), kNobody);  // the gold item that reached a prediction
    std::vector<size_t> open{gold};
    while (!open.empty()) {
      const size_t current = open.back();
      open.pop_back();
      for (size_t p = 0; p < owner_.size(); ++p) {
        if (from[p] != kNobody || !is_equal(reasons_[current][p])) continue;
        from[p] = current;
        if (owner_[p] == kNobody) {
          augment(p, gold, from);
          return true;
        }
        open.push_back(owner_[p]);
      }
    }
    return false;
  }

  size_t owner(size_t prediction) const { return owner_[prediction]; }

 private:
  void augment(size_t prediction, size_t first, const std::vector<size_t>& from) {
    size_t p = prediction;
    while (true) {
      const size_t gold = from[p];
      const auto held = std::find(owner_.begin(), owner_.end(), gold);
      const size_t next =
          held == owner_.end() ? kNobody : static_cast<size_t>(held - owner_.begin());
      owner_[p] = gold;
      if (gold == first) return;
      p = next;
    }
  }

  const std::vector<std::vector<Reason>>& reasons_;
  std::vector<size_t> owner_;
};

/// Why there is no matching: a difference, unless something else stood in the way.
Reason obstacle(const std::vector<std::vector<Reason>>& reasons) {
  Reason found = Reason::different;
  for (const auto& row : reasons) {
    for (const Reason reason : row) {
      if (reason == Reason::gold_unreadable) return reason;
      if (!is_equal(reason) && reason != Reason::different) found = reason;
    }
  }
  return found;
}

}  // namespace

Reason match(const std::vector<Term>& gold, const std::vector<Term>& prediction,
             const Comparison& compare) {
  if (gold.size() != prediction.size()) return Reason::different;
  std::vector<std::vector<Reason>> reasons(gold.size());
  for (size_t g = 0; g < gold.size(); ++g) {
    bool some = false;
    for (const Term& item : prediction) {
      reasons[g].push_back(compare(gold[g], item));
      some = some || is_equal(reasons[g].back());
    }
    if (!some) {
      reasons.resize(g + 1);
      return obstacle({reasons[g]});
    }
  }
  Matching matching(reasons, prediction.size());
  for (size_t g = 0; g < gold.size(); ++g) {
    if (!matching.place(g)) return obstacle(reasons);
  }
  Reason all = Reason::equal_identical;
  for (size_t p = 0; p < prediction.size(); ++p) all = both(all, reasons[matching.owner(p)][p]);
  return all;
}

}  // namespace reckon::rewards::math
