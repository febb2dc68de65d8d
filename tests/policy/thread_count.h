#pragma once

#include <ATen/Parallel.h>

namespace reckon::tests {

/// Tensor operators and kernels use `count` threads until the end of the scope.
class ThreadCount {
 public:
  explicit ThreadCount(int count) : before_(at::get_num_threads()) { at::set_num_threads(count); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;
  ~ThreadCount() { at::set_num_threads(before_); }

 private:
  int before_;
};

}  // namespace reckon::tests
