#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/files.h"
#include "recipes/recipe.h"
#include "tests/core/thrown_error.h"

namespace reckon::tests {

/// Recipe files in a temporary folder.
class RecipeFolder {
 public:
  /// Writes a file, in a subfolder if its name says so.
  void write(const std::string& name, const std::string& text) const;

  recipes::Recipe load(const std::string& name,
                       const std::vector<std::string>& overrides = {}) const;

  /// What loading the file throws.
  ThrownError refused(const std::string& name,
                      const std::vector<std::string>& overrides = {}) const;

  std::filesystem::path path() const { return folder_.path(); }

 private:
  TempFolder folder_;
};

/// A recipe with the stages base (pretrain), zero (grpo) and exam (eval) that is in order.
nlohmann::json good_recipe();

/// A recipe in order with a stage of every kind: base (pretrain), zero (grpo), picked (sample),
/// tuned (sft), pupil (distill, on_policy), student (distill, samples), equal (grpo), exam (eval).
nlohmann::json chain_recipe();

/// `good_recipe` with another value at a JSON pointer.
nlohmann::json recipe_with(const std::string& pointer, const nlohmann::json& value);

/// What reading a document throws.
ThrownError refused_document(const nlohmann::json& document);

/// What the check of everything that can be known before training throws; the document itself must
/// be readable.
ThrownError refused_run(const nlohmann::json& document);

}  // namespace reckon::tests
