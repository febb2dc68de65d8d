#include "tests/sandbox/battery/attack.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string_view>

#include "core/error.h"
#include "core/files.h"

namespace reckon::tests {
namespace {

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> list;
  for (std::string word; stream >> word;) list.push_back(word);
  return list;
}

// The escapes that headers use: \n and \u20ac.
std::string unescaped(const std::string& text) {
  return with_values(text, {{"\\n", "\n"}, {"\\u20ac", "\u20ac"}});
}

bool set_expectation(Attack& attack, std::string_view key, const std::string& value) {
  if (key == "outcome")
    attack.outcomes = words(value);
  else if (key == "rlimit_outcome")
    attack.rlimit_outcomes = words(value);
  else if (key == "stdout")
    attack.output = unescaped(value);
  else if (key == "stdout_has")
    attack.output_has.push_back(unescaped(value));
  else if (key == "stdout_not")
    attack.output_not.push_back(unescaped(value));
  else if (key == "stdout_bytes")
    attack.output_bytes = std::stoul(value);
  else if (key == "exit_code")
    attack.exit_code = std::stoi(value);
  else if (key == "signal")
    attack.signal = std::stoi(value);
  else if (key == "truncated")
    attack.truncated = value == "yes";
  else if (key == "wall_below")
    attack.wall_below_s = std::stod(value);
  else
    return false;
  return true;
}

bool set_circumstance(Attack& attack, std::string_view key, const std::string& value) {
  if (key == "what")
    attack.what = value;
  else if (key == "options")
    attack.options = words(value);
  else if (key == "stdin")
    attack.input = unescaped(value);
  else if (key == "input_bytes")
    attack.input.assign(std::stoul(value), '0');
  else if (key == "neighbour")
    attack.neighbour = value == "yes";
  else
    return false;
  return true;
}

bool has_option(const Attack& attack, const std::string& option) {
  return std::ranges::find(attack.options, option) != attack.options.end();
}

// Limits without which a broken sandbox would hold up the whole battery.
void add_default_options(Attack& attack) {
  if (!has_option(attack, "--cpu")) attack.options.insert(attack.options.end(), {"--cpu", "2"});
  if (!has_option(attack, "--time")) attack.options.insert(attack.options.end(), {"--time", "8"});
}

}  // namespace

double Attack::number(const std::string& option, double otherwise) const {
  const auto at = std::ranges::find(options, option);
  if (at == options.end() || at + 1 == options.end()) return otherwise;
  return std::stod(*(at + 1));
}

Attack read_attack(const std::filesystem::path& file) {
  Attack attack;
  attack.name = (file.parent_path().filename() / file.filename()).string();
  attack.suffix = file.extension().string();
  attack.source = read_file(file);
  std::istringstream lines(attack.source);
  for (std::string line; std::getline(lines, line);) {
    const std::string_view mark = attack.suffix.starts_with(".c") ? "// " : "# ";
    if (!line.starts_with(mark)) break;
    const size_t colon = line.find(": ");
    check(colon != std::string::npos, ErrorCode::corrupt, "expected 'key: value', got '{}', in {}",
          line, file.string());
    const std::string key = line.substr(mark.size(), colon - mark.size());
    const std::string value = line.substr(colon + 2);
    check(set_circumstance(attack, key, value) || set_expectation(attack, key, value),
          ErrorCode::corrupt, "expected a known key, got '{}', in {}", key, file.string());
  }
  check(!attack.outcomes.empty() && !attack.what.empty(), ErrorCode::corrupt,
        "expected what and outcome, got neither or one, in {}", file.string());
  add_default_options(attack);
  return attack;
}

std::vector<std::filesystem::path> attack_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code missing;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, missing)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string with_values(std::string text, const std::map<std::string, std::string>& values) {
  for (const auto& [key, value] : values) {
    for (size_t at = text.find(key); at != std::string::npos;
         at = text.find(key, at + value.size())) {
      text.replace(at, key.size(), value);
    }
  }
  return text;
}

}  // namespace reckon::tests
