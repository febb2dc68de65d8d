#include "rewards/code/code_options.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/json.h"

namespace reckon::rewards::code {

namespace {

/// The member `key`; null if it is missing or null.
const nlohmann::json* member(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

[[noreturn]] void wrong(const char* expected, const nlohmann::json& value, const char* key) {
  fail(ErrorCode::invalid_argument, "expected {}, got {}, in {}", expected, json_summary(value),
       key);
}

bool read_flag(const nlohmann::json& object, const char* key) {
  const nlohmann::json* value = member(object, key);
  if (value != nullptr && !value->is_boolean()) wrong("true or false", *value, key);
  return value != nullptr && value->get<bool>();
}

double read_number(const nlohmann::json& object, const char* key, double standard) {
  const nlohmann::json* value = member(object, key);
  if (value == nullptr) return standard;
  if (!value->is_number() || value->get<double>() < 0.0) wrong("a number from 0", *value, key);
  return value->get<double>();
}

int64_t read_count(const nlohmann::json& object, const char* key, int64_t standard) {
  const nlohmann::json* value = member(object, key);
  if (value == nullptr) return standard;
  if (!value->is_number_integer() || value->get<int64_t>() < 0) {
    wrong("a whole number from 0", *value, key);
  }
  return value->get<int64_t>();
}

std::string read_text(const nlohmann::json& object, const char* key, const char* standard) {
  const nlohmann::json* value = member(object, key);
  if (value == nullptr) return standard;
  if (!value->is_string()) wrong("a text", *value, key);
  return value->get<std::string>();
}

Region read_region(const nlohmann::json& request) {
  const std::string name = read_text(request, "region", "after_think");
  if (name == "after_think") return Region::after_think;
  if (name == "answer_tag") return Region::answer_tag;
  if (name == "whole") return Region::whole;
  wrong("after_think, answer_tag or whole", name, "region");
}

TextComparator read_comparator(const nlohmann::json& request) {
  TextComparator comparator;
  const nlohmann::json* value = member(request, "comparator");
  if (value == nullptr) return comparator;
  const bool object = value->is_object();
  const std::string name =
      object ? read_text(*value, "kind", "") : read_text(request, "comparator", "");
  if (name == "exact")
    comparator.rule = TextRule::exact;
  else if (name == "lines")
    comparator.rule = TextRule::lines;
  else if (name == "tokens")
    comparator.rule = TextRule::tokens;
  else if (name == "float")
    comparator.rule = TextRule::near;
  else if (name == "checker")
    comparator.rule = TextRule::checker;
  else
    wrong("exact, lines, tokens, float or checker", *value, "comparator");
  if (object) {
    comparator.absolute = read_number(*value, "abs", comparator.absolute);
    comparator.relative = read_number(*value, "rel", comparator.relative);
  }
  return comparator;
}

}  // namespace

CodeOptions read_options(const nlohmann::json& request) {
  check(request.is_object(), ErrorCode::invalid_argument, "expected an object, got {}, in request",
        json_summary(request));
  CodeOptions options;
  options.region = read_region(request);
  options.think_prefilled = read_flag(request, "think_prefilled");
  if (const nlohmann::json* name = member(request, "language")) {
    if (name->is_string()) options.language = sandbox::language_from(name->get<std::string>());
    if (!options.language) wrong("python, cpp, c or bash", *name, "language");
  }
  options.comparator = read_comparator(request);
  if (member(request, "tuple_as_list") != nullptr) {
    options.tuple_as_list = read_flag(request, "tuple_as_list");
  }
  const std::string score = read_text(request, "score", "binary");
  if (score != "binary" && score != "fraction") wrong("binary or fraction", score, "score");
  options.fraction = score == "fraction";
  options.challenge_tests = read_flag(request, "use_challenge_tests");
  options.per_test = read_flag(request, "per_test");
  options.max_tests = read_count(request, "max_tests", 0);
  if (const nlohmann::json* limits = member(request, "limits")) {
    if (!limits->is_object()) wrong("an object", *limits, "limits");
    options.total_s = read_number(*limits, "total_s", options.total_s);
  }
  return options;
}

sandbox::Limits read_limits(const nlohmann::json& request, sandbox::Limits limits) {
  const nlohmann::json* given = member(request, "limits");
  if (given == nullptr) return limits;
  const double cpu_s = limits.cpu_s;
  limits.cpu_s = read_number(*given, "cpu_s", cpu_s);
  if (limits.cpu_s != cpu_s) limits.wall_s = 3.0 * limits.cpu_s + 2.0;
  limits.wall_s = read_number(*given, "wall_s", limits.wall_s);
  limits.memory_bytes = read_count(*given, "memory_bytes", limits.memory_bytes);
  limits.processes = read_count(*given, "processes", limits.processes);
  limits.stdout_bytes = read_count(*given, "stdout_bytes", limits.stdout_bytes);
  limits.disk_bytes = read_count(*given, "disk_bytes", limits.disk_bytes);
  limits.file_bytes = read_count(*given, "file_bytes", limits.file_bytes);
  limits.open_files = read_count(*given, "open_files", limits.open_files);
  return limits;
}

}  // namespace reckon::rewards::code
