#pragma once

namespace reckon::tests {

/// Sets how many threads tensor operators use in this process; without LibTorch it does nothing.
/// Call once, before the first test.
void set_threads(int count);

}  // namespace reckon::tests
