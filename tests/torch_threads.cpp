#include <ATen/Parallel.h>

#include "tests/threads.h"

namespace reckon::tests {

void set_threads(int count) { at::set_num_threads(count); }

}  // namespace reckon::tests
