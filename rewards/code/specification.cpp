#include "rewards/code/specification.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/json.h"
#include "rewards/code/test_lists.h"

namespace reckon::rewards::code {

namespace {

constexpr size_t kMostNodes = 20'000'000;

/// A column as a tree, and whether large integers may have become doubles on the way here.
struct Column {
  std::optional<JsonTree> tree;
  bool inexact = false;
};

const nlohmann::json* find(const nlohmann::json& columns, const char* name) {
  if (!columns.is_object()) return nullptr;
  const auto found = columns.find(name);
  return found == columns.end() || found->is_null() ? nullptr : &*found;
}

std::string text_column(const nlohmann::json& columns, const char* name) {
  const nlohmann::json* value = find(columns, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

/// Reads a column that is JSON, or a text of JSON.
Column tree_column(const nlohmann::json& value) {
  if (value.is_string()) {
    return {read_tree(value.get_ref<const std::string&>(), kMostNodes), false};
  }
  return {read_tree(json_text(value), kMostNodes), true};
}

void add_cases(const JsonTree& list, const ListContext& context, Specification& result) {
  for (const JsonTree& item : list.items) {
    if (item.kind == JsonTree::Kind::text) {
      result.unsplit.push_back(item.text);
      continue;
    }
    auto test = read_case(item, context, result.fault);
    if (!test) return;
    result.tests.push_back(std::move(*test));
  }
  if (!result.tests.empty() && !result.unsplit.empty()) {
    result.fault = "a list of tests that are code and tests that are not";
  }
}

void read_verification(const nlohmann::json& value, ListContext context, Specification& result) {
  const Column column = tree_column(value);
  const JsonTree* cases = column.tree ? column.tree->find("test_cases") : nullptr;
  if (cases == nullptr || cases->kind != JsonTree::Kind::list) {
    result.fault = "`verification_info` without a list `test_cases`";
    return;
  }
  if (const JsonTree* name = column.tree->find("fn_name")) context.entry = name->text;
  if (const JsonTree* name = column.tree->find("language")) {
    result.language = sandbox::language_from(name->text);
    if (!result.language) result.fault = "`verification_info` of language " + name->text;
  }
  context.inexact = column.inexact;
  if (result.fault.empty()) add_cases(*cases, context, result);
}

void read_tests(const nlohmann::json& value, ListContext context, Specification& result) {
  Column column = tree_column(value);
  if (column.tree && column.tree->kind == JsonTree::Kind::list) {
    context.inexact = column.inexact;
    add_cases(*column.tree, context, result);
  } else if (value.is_string()) {
    result.unsplit.push_back(value.get<std::string>());
    result.unsplit_program = true;
  } else {
    result.fault = "`tests` that are neither a list nor a text";
  }
}

void read_checker(const nlohmann::json& columns, Specification& result) {
  const nlohmann::json* value = find(columns, "checker");
  if (value == nullptr) return;
  Checker checker;
  checker.source = value->is_string() ? value->get<std::string>() : text_column(*value, "source");
  const std::string language = text_column(*value, "language");
  const auto known = sandbox::language_from(language.empty() ? "python" : language);
  if (checker.source.empty() || !known) {
    result.fault = "`checker` without a source, or in an unknown language";
    return;
  }
  checker.language = *known;
  result.checker = std::move(checker);
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

/// Faults of the whole.
void check_whole(const CodeOptions& options, Specification& result) {
  const bool text = !result.tests.empty() && result.tests[0].kind == TestCase::Kind::text;
  if (result.tests.empty() && result.unsplit.empty()) {
    result.fault = "no tests";
  } else if (options.comparator.rule == TextRule::checker && !result.checker) {
    result.fault = "no `checker` for the comparator `checker`";
  } else if (text && options.comparator.rule != TextRule::checker &&
             std::all_of(result.tests.begin(), result.tests.end(),
                         [](const TestCase& test) { return is_blank(test.output); })) {
    result.fault = "tests that a program passes by printing nothing";
  } else if (!result.unsplit.empty() && result.entry.empty()) {
    result.fault = "tests that are code, without `entry_point`";
  } else if (!text &&
             result.language.value_or(sandbox::Language::python) != sandbox::Language::python) {
    result.fault = "calls of functions in a language other than Python";
  }
}

}  // namespace

Specification read_specification(const nlohmann::json& columns, const CodeOptions& options) {
  Specification result;
  result.entry = text_column(columns, "entry_point");
  result.setup = text_column(columns, "setup");
  result.prelude = text_column(columns, "prompt");
  result.language = options.language;
  // The prompt counts only where it is code that begins the function.
  const bool begins_function =
      !result.entry.empty() &&
      result.prelude.find("def " + result.entry + "(") != std::string::npos;
  if (!begins_function) result.prelude.clear();
  // A row may say that its program reads standard input though it names a function.
  const bool text_mode = text_column(columns, "mode") == "stdin";
  ListContext context{text_mode ? "" : result.entry, options.tuple_as_list.value_or(true)};
  if (const nlohmann::json* value = find(columns, "verification_info")) {
    read_verification(*value, context, result);
  } else if (const nlohmann::json* tests = find(columns, "tests")) {
    read_tests(*tests, context, result);
  }
  if (const nlohmann::json* more = find(columns, "challenge_tests");
      more != nullptr && options.challenge_tests && result.fault.empty()) {
    read_tests(*more, context, result);
  }
  if (result.fault.empty()) read_checker(columns, result);
  if (result.fault.empty()) check_whole(options, result);
  return result;
}

}  // namespace reckon::rewards::code
