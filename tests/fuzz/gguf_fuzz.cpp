// A GGUF file: its tensors must be decodable, and what it says of model and tokenizer readable.
#include <span>
#include <vector>

#include "policy/gguf/gguf_model.h"
#include "policy/gguf/quants.h"
#include "tests/fuzz/fuzz_input.h"

using namespace reckon;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::may_refuse([&] {
    const auto file = policy::GgufFile::parse(std::as_bytes(std::span(data, size)), "input");
    std::vector<float> values;
    for (const std::string& name : file.names()) {
      const policy::GgufTensor& tensor = *file.find_tensor(name);
      // Every block is at least a byte of the file and at most 256 values.
      fuzz::must(static_cast<std::size_t>(tensor.size()) <= 256 * size);
      values.resize(static_cast<std::size_t>(tensor.size()));
      policy::dequantize(tensor.type, tensor.bytes, values);
    }
    const policy::GgufModel model(file);
    for (const std::string& name : model.names()) {
      std::size_t count = 1;
      for (const std::int64_t extent : model.shape(name)) count *= static_cast<std::size_t>(extent);
      values.resize(count);
      model.read(name, values);
    }
    const auto tokenizer = model.tokenizer();
    tokenizer->decode(tokenizer->encode("one 2 \xc3\xa9"));
  });
  return 0;
}
