#include "rewards/code/test_lists.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace reckon::rewards::code {

namespace {

using Kind = JsonTree::Kind;

/// The text of a member that is a text, or a list of lines.
std::optional<std::string> text_of(const JsonTree* tree) {
  if (tree == nullptr) return std::nullopt;
  if (tree->kind == Kind::text) return tree->text;
  if (tree->kind != Kind::list) return std::nullopt;
  std::string text;
  for (const JsonTree& line : tree->items) {
    if (line.kind != Kind::text) return std::nullopt;
    text += line.text + "\n";
  }
  return text;
}

bool is_name(const std::string& text) {
  const auto fits = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && (text[0] < '0' || text[0] > '9') &&
         std::all_of(text.begin(), text.end(), fits);
}

/// A double that may have been an integer before it was read.
bool doubtful(const JsonTree& tree) {
  constexpr double kFirst = 9223372036854775808.0;  // 2 ** 63
  if (tree.kind == Kind::real) return std::abs(tree.real) >= kFirst;
  return std::any_of(tree.items.begin(), tree.items.end(), doubtful);
}

/// The arguments of a call: a list, {"args", "kwargs"}, or a text with one JSON value a line.
std::optional<std::string> arguments(const JsonTree& input) {
  std::string text;
  const auto add = [&](const JsonTree& tree) { text += python_text(plain_value(tree)) + ", "; };
  if (input.kind == Kind::list) {
    for (const JsonTree& item : input.items) add(item);
    return text;
  }
  if (input.kind == Kind::text) {
    std::string_view rest = input.text;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      const auto value = read_tree(line);
      if (!value) return std::nullopt;
      add(*value);
    }
    return text;
  }
  const JsonTree* args = input.find("args");
  const JsonTree* named = input.find("kwargs");
  if (input.kind != Kind::object || (args == nullptr && named == nullptr)) return std::nullopt;
  if (args != nullptr) {
    if (args->kind != Kind::list) return std::nullopt;
    for (const JsonTree& item : args->items) add(item);
  }
  if (named != nullptr) {
    if (named->kind != Kind::object) return std::nullopt;
    text += "**" + python_text(plain_value(*named));
  }
  return text;
}

std::optional<TestCase> call_case(const JsonTree& tree, const std::string& entry,
                                  const ListContext& context, std::string& fault) {
  const JsonTree* input = tree.find("input");
  const JsonTree* output = tree.find("output");
  TestCase test{TestCase::Kind::call};
  const auto given = input == nullptr ? std::nullopt : arguments(*input);
  if (!is_name(entry) || !given || output == nullptr) {
    fault = "a call needs `fn_name`, `input` (its arguments) and `output`";
    return std::nullopt;
  }
  if (context.inexact && (doubtful(*input) || doubtful(*output))) {
    fault = "a number beyond 64 bits; give the specification as a text of JSON";
    return std::nullopt;
  }
  // Arguments written as text go with a value written as text.
  std::optional<JsonTree> read;
  if (input->kind == Kind::text && output->kind == Kind::text) {
    read = read_tree(output->text);
    if (!read) {
      fault = "the output of a call is no JSON: " + shortened(output->text);
      return std::nullopt;
    }
  }
  test.input = entry + "(" + *given + ")";
  test.expected.value = plain_value(read ? *read : *output);
  test.expected.tuple_as_list = context.tuple_as_list;
  return test;
}

}  // namespace

std::optional<TestCase> read_case(const JsonTree& tree, const ListContext& context,
                                  std::string& fault) {
  const auto type = text_of(tree.find("type"));
  const auto name = text_of(tree.find("fn_name"));
  const std::string entry = name ? *name : context.entry;
  const bool known_text = type && (*type == "stdin_stdout" || *type == "stdin");
  const bool known_call = type && (*type == "function_call" || *type == "call");
  if (type && !known_text && !known_call) {
    fault = "a test of type " + shortened(*type);
    return std::nullopt;
  }
  if (known_call || (!known_text && !entry.empty())) {
    return call_case(tree, entry, context, fault);
  }
  const auto input = text_of(tree.find("input"));
  const auto output = text_of(tree.find("output"));
  if (!input || !output) {
    fault = "a test needs `input` and `output`, both texts";
    return std::nullopt;
  }
  TestCase test;
  test.input = *input;
  test.output = *output;
  return test;
}

}  // namespace reckon::rewards::code
