// A safetensors file: every byte of every tensor must be readable.
#include "core/safetensors.h"

#include <span>

#include "tests/fuzz/fuzz_input.h"

using namespace reckon;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::may_refuse([&] {
    const auto file = SafetensorsFile::parse(std::as_bytes(std::span(data, size)), "input");
    std::uint64_t sum = 0;
    for (const std::string& name : file.names()) {
      const TensorView& tensor = file.at(name);
      std::uint64_t expected = tensor_type_size(tensor.type);
      for (const std::int64_t extent : tensor.shape) expected *= static_cast<std::uint64_t>(extent);
      fuzz::must(tensor.bytes.size() == expected);
      for (const std::byte byte : tensor.bytes) sum += std::to_integer<std::uint64_t>(byte);
    }
    fuzz::must(sum <= 255 * size);
  });
  return 0;
}
