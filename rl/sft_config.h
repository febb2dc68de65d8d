#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config.h"
#include "rl/memory_options.h"
#include "rl/optimizer_config.h"

namespace reckon::rl {

/// One data set of an `sft` stage: exactly one of `samples`, `path` and `corpus`.
struct SftDatasetConfig {
  std::string samples;
  std::string path;
  std::string prompt_column = "prompt";
  std::string completion_column = "completion";
  std::string system_prompt;
  std::optional<JsonValue> corpus;
  int64_t num_documents = 0;
  double relative_size = 0.0;
  double weight = 1.0;

  template <class V>
  static void visit(V& v) {
    v(&SftDatasetConfig::samples, "samples",
      "an earlier `sample` stage, or the samples.jsonl of one");
    v(&SftDatasetConfig::path, "path",
      "JSON lines with `prompt` and `completion`, or with `messages` that end with the "
      "assistant's");
    v(&SftDatasetConfig::prompt_column, "prompt_column",
      "column of `path` with the prompt, or a JSON pointer to it: text or messages");
    v(&SftDatasetConfig::completion_column, "completion_column",
      "column of `path` with the answer, or a JSON pointer to it");
    v(&SftDatasetConfig::system_prompt, "system_prompt",
      "first message of every prompt of `path` that has none; a prompt of text then becomes the "
      "user's message");
    v(&SftDatasetConfig::corpus, "corpus", "documents that are generated: {kind, ...}");
    v(&SftDatasetConfig::num_documents, "num_documents", "documents that are taken of a corpus",
      at_least(0));
    v(&SftDatasetConfig::relative_size, "relative_size",
      "instead: as many times the rows of all data sets with `samples` or `path`", between(0.0, 1e4));
    v(&SftDatasetConfig::weight, "weight",
      "how often a row comes in an epoch: 2 is twice, 0.5 is every second epoch",
      between(1e-6, 1e4));
  }
};

/// How the documents of an `sft` stage are made and read, in the vocabulary of TRL's `SFTConfig`.
struct SftDataOptions {
  std::vector<SftDatasetConfig> datasets;
  bool completion_only_loss = true;
  std::optional<int64_t> max_length = 1024;
  std::string truncation = "cut";
  int64_t tokens_per_step = 2048;
  double num_train_epochs = 3.0;

  template <class V>
  static void visit(V& v) {
    v(&SftDataOptions::datasets, "datasets",
      "list of {samples | path | corpus, weight}: what is learnt");
    v(&SftDataOptions::completion_only_loss, "completion_only_loss",
      "no loss on prompts; else every token but the first has one");
    v(&SftDataOptions::max_length, "max_length", "tokens of a document; null is no limit",
      at_least(2));
    v(&SftDataOptions::truncation, "truncation",
      "longer documents are cut at the end, or left out (drop)", one_of({"cut", "drop"}));
    v(&SftDataOptions::tokens_per_step, "tokens_per_step",
      "tokens of one optimizer step at most, in whole documents", at_least(1));
    v(&SftDataOptions::num_train_epochs, "num_train_epochs", "times that the data is read",
      between(1e-6, 1e5));
  }
};

/// Settings of an `sft` stage: next-token training on prompts with their answers.
struct SftConfig : SftDataOptions, MemoryOptions, OptimizerConfig {
  std::string name;
  std::string kind = "sft";
  std::string policy;
  int64_t max_steps = -1;
  int64_t save_steps = 400;
  std::optional<int64_t> save_total_limit = 2;
  int64_t logging_steps = 10;

  template <class V>
  static void visit(V& v) {
    v(&SftConfig::name, "name", "name of the stage");
    v(&SftConfig::kind, "kind", "kind of the stage", one_of({"sft"}));
    v(&SftConfig::policy, "policy",
      "earlier stage, or model folder, that training starts from; the recipe's model if empty");
    SftDataOptions::visit(v);
    v(&SftConfig::max_steps, "max_steps", "optimizer steps; -1: as num_train_epochs says",
      at_least(-1));
    v(&SftConfig::save_steps, "save_steps", "optimizer steps between checkpoints", at_least(1));
    v(&SftConfig::save_total_limit, "save_total_limit", "checkpoints that are kept", at_least(1));
    v(&SftConfig::logging_steps, "logging_steps", "optimizer steps between metrics lines",
      at_least(1));
    MemoryOptions::visit(v);
    OptimizerConfig::visit(v);
  }
};

}  // namespace reckon::rl
