#include "rewards/code/runner_job.h"

#include <fmt/format.h>

#include "core/hash.h"

namespace reckon::rewards::code {

namespace {

constexpr std::string_view kMagic = "RKN1";
constexpr const char* kRunnerPath = "/prog/run.py";

std::string bytes_of(std::string_view hexadecimal) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (size_t i = 0; i + 1 < hexadecimal.size(); i += 2) {
    bytes += static_cast<char>(digit(hexadecimal[i]) * 16 + digit(hexadecimal[i + 1]));
  }
  return bytes;
}

}  // namespace

sandbox::File runner_program(std::string_view name) {
  return {kRunnerPath, fmt::format("{}\n\n{}", runner_file("values.py"), runner_file(name))};
}

RunnerJob runner_job(const std::vector<std::string_view>& parts, const sandbox::Limits& limits) {
  RunnerJob job;
  std::string rest;
  for (const std::string_view part : parts) rest += fmt::format("{}\n{}", part.size(), part);
  // The token tells the frames of one run from those of another. It is no secret.
  const uint64_t hash = fnv1a(rest);
  job.token = hex16(hash) + hex16(mix64(hash));
  job.run.argv = {"/usr/bin/python3", "-P", "-s", "-S", "-B", kRunnerPath};
  job.run.input = fmt::format("{}\n{}{}", job.token.size(), job.token, rest);
  job.run.limits = limits;
  job.run.result_limit = kMostFrameBytes;
  return job;
}

std::optional<JsonTree> read_frame(std::string_view bytes, std::string_view token) {
  const std::string head = std::string(kMagic) + bytes_of(token);
  if (bytes.size() < head.size() + 4 || !bytes.starts_with(head)) return std::nullopt;
  bytes.remove_prefix(head.size());
  size_t size = 0;
  for (size_t i = 0; i < 4; ++i) size = size * 256 + static_cast<unsigned char>(bytes[i]);
  bytes.remove_prefix(4);
  if (size != bytes.size()) return std::nullopt;
  return read_tree(bytes);
}

}  // namespace reckon::rewards::code
