#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "rewards/code/code_options.h"
#include "rewards/code/test_case.h"

namespace reckon::rewards::code {

/// A program of the data set that judges what another printed.
struct Checker {
  sandbox::Language language = sandbox::Language::python;
  std::string source;
};

/// The tests of one problem, as its columns state them.
struct Specification {
  std::optional<sandbox::Language> language;
  std::string entry;    ///< name of the function under test
  std::string prelude;  ///< the prompt, if it is the beginning of the program
  std::string setup;
  std::vector<TestCase> tests;
  /// Tests that are code and have yet to be split: assert lines, or one whole program.
  std::vector<std::string> unsplit;
  bool unsplit_program = false;
  std::optional<Checker> checker;
  std::string fault;  ///< why the specification cannot be read; empty if it can
};

/// Reads the columns of a row (docs/code-rewards.md lists them). A bad column is a `fault`, never
/// an exception. Thread-safe.
Specification read_specification(const nlohmann::json& columns, const CodeOptions& options);

}  // namespace reckon::rewards::code
