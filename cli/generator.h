#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/load_model.h"
#include "policy/chat/chat_format.h"
#include "rollout/engine.h"

namespace reckon::cli {

/// What is asked of a model besides the prompts.
struct GeneratorOptions {
  ModelOptions model;
  std::string chat_format;
  std::vector<std::string> stop;  ///< texts that end a completion and are left out of it
  bool ignore_eos = false;
  uint64_t seed = 42;
  rollout::SamplingParams sampling;
};

/// A completion as a user sees it.
struct GeneratedText {
  std::string text;  ///< without special tokens, end token and stop text
  std::string finish_reason;
  int64_t num_tokens = 0;  ///< the end token counted
};

/// How fast a call was.
struct GeneratorSpeed {
  int64_t prompt_tokens = 0;
  int64_t tokens = 0;
  double first_token_seconds = 0.0;
  double seconds = 0.0;
};

/// Called with each piece of text as soon as it is certain.
using OnText = std::function<void(std::string_view piece)>;
/// Called with the completions of one prompt, in the order of the prompts.
using OnCompletions = std::function<void(size_t prompt, const std::vector<GeneratedText>& texts)>;

/// Cuts a text that arrives in pieces at the first of some stop texts.
class StopTexts {
 public:
  explicit StopTexts(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  /// What of the text is certain now not to be part of a stop text.
  std::string add(std::string_view piece);
  /// What was held back; nothing if a stop text was found.
  std::string finish();
  bool found() const { return found_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;
  bool found_ = false;
};

/// A loaded model that completes texts. Not thread-safe.
class Generator {
 public:
  /// Loads the model. Throws like `load_model` and `ChatFormat::for_tokenizer`.
  explicit Generator(const GeneratorOptions& options);

  /// One completion of `prompt`, in pieces as it is made. A shutdown request ends it early.
  GeneratedText stream(const std::string& prompt, const OnText& on_text);

  /// `num_samples` completions of each prompt.
  void complete(const std::vector<std::string>& prompts, int64_t num_samples,
                const OnCompletions& on_completions);

  const policy::ChatFormat& format() const { return format_; }
  /// Of the last call.
  const GeneratorSpeed& speed() const { return speed_; }

 private:
  std::vector<rollout::Prompt> encode(const std::vector<std::string>& prompts,
                                      rollout::SamplingParams& params) const;
  GeneratedText finished(const rollout::Completion& completion) const;

  GeneratorOptions options_;
  policy::Pretrained pretrained_;
  policy::ChatFormat format_;
  std::vector<std::string> stop_texts_;  // those that are not one token
  GeneratorSpeed speed_;
  uint32_t calls_ = 0;  // each draws its own random numbers
};

}  // namespace reckon::cli
