#include "cli/generator.h"

#include <mutex>

#include "core/error.h"
#include "core/progress.h"
#include "core/shutdown.h"
#include "policy/text/stream_decoder.h"
#include "rl/stage.h"

namespace reckon::cli {
namespace {

// Gives groups in the order of their prompts, whatever order they end in.
class InOrder {
 public:
  explicit InOrder(size_t count, std::function<void(size_t, const rollout::Group&)> give)
      : groups_(count), give_(std::move(give)) {}

  void add(size_t prompt, const rollout::Group& group) {
    const std::lock_guard lock(mutex_);
    groups_[prompt] = group;
    for (; next_ < groups_.size() && groups_[next_]; ++next_) {
      give_(next_, *groups_[next_]);
      groups_[next_].reset();
    }
  }

 private:
  std::mutex mutex_;
  size_t next_ = 0;
  std::vector<std::optional<rollout::Group>> groups_;
  std::function<void(size_t, const rollout::Group&)> give_;
};

}  // namespace

std::string StopTexts::add(std::string_view piece) {
  if (found_) return {};
  held_ += piece;
  size_t keep = 0;  // bytes at the end that may begin a stop text
  for (const std::string& stop : stops_) {
    if (const size_t at = held_.find(stop); at != std::string::npos) {
      held_.resize(at);
      found_ = true;
    }
  }
  for (const std::string& stop : stops_) {
    for (size_t size = std::min(stop.size() - 1, held_.size()); !found_ && size > keep; --size) {
      if (held_.ends_with(std::string_view(stop).substr(0, size))) keep = size;
    }
  }
  std::string certain = held_.substr(0, held_.size() - keep);
  held_.erase(0, certain.size());
  return certain;
}

std::string StopTexts::finish() { return found_ ? std::string() : std::exchange(held_, {}); }

Generator::Generator(const GeneratorOptions& options)
    : options_(options),
      pretrained_(load_model(options.model)),
      format_(policy::ChatFormat::for_tokenizer(*pretrained_.tokenizer, options.chat_format)) {
  auto& stop_ids = options_.sampling.stop_token_ids;
  for (const std::string& stop : options.stop) {
    check(!stop.empty(), ErrorCode::invalid_argument,
          "expected a text, got an empty one, in --stop");
    if (const auto id = pretrained_.tokenizer->token_id(stop)) {
      stop_ids.push_back(*id);
    } else {
      stop_texts_.push_back(stop);
    }
  }
  if (options.ignore_eos) return;
  for (const auto& ids :
       {rl::stop_ids(pretrained_), policy::stop_token_ids(format_, *pretrained_.tokenizer)}) {
    stop_ids.insert(stop_ids.end(), ids.begin(), ids.end());
  }
}

std::vector<rollout::Prompt> Generator::encode(const std::vector<std::string>& prompts,
                                               rollout::SamplingParams& params) const {
  const int64_t context = pretrained_.model->config().max_position_embeddings;
  std::vector<rollout::Prompt> encoded;
  for (const std::string& prompt : prompts) {
    encoded.push_back(
        {static_cast<uint32_t>(encoded.size()), pretrained_.tokenizer->encode(prompt)});
    const auto length = static_cast<int64_t>(encoded.back().ids.size());
    check(length > 0, ErrorCode::invalid_argument, "expected a prompt, got an empty one");
    check(length < context, ErrorCode::invalid_argument,
          "expected a prompt of fewer than {} tokens, the model's context, got {}", context,
          length);
    params.max_new_tokens = std::min(params.max_new_tokens, context - length);
  }
  return encoded;
}

GeneratedText Generator::finished(const rollout::Completion& completion) const {
  GeneratedText result;
  result.num_tokens = static_cast<int64_t>(completion.ids.size());
  result.finish_reason = rollout::to_string(completion.finish_reason);
  std::span<const int32_t> ids = completion.ids;
  if (completion.finish_reason == rollout::FinishReason::stop) ids = ids.first(ids.size() - 1);
  StopTexts stops(stop_texts_);
  result.text = stops.add(pretrained_.tokenizer->decode(ids, policy::SpecialText::skip));
  result.text += stops.finish();
  if (stops.found()) result.finish_reason = "stop";
  return result;
}

GeneratedText Generator::stream(const std::string& prompt, const OnText& on_text) {
  rollout::SamplingParams params = options_.sampling;
  const auto prompts = encode({prompt}, params);
  const double start = steady_seconds();
  speed_ = {};
  speed_.prompt_tokens = static_cast<int64_t>(prompts[0].ids.size());
  policy::StreamDecoder decoder(*pretrained_.tokenizer, policy::SpecialText::skip);
  StopTexts stops(stop_texts_);
  GeneratedText result;
  result.finish_reason = "length";
  const auto show = [&](const std::string& piece) {
    result.text += piece;
    if (!piece.empty()) on_text(piece);
  };
  rollout::EngineOptions engine_options;
  engine_options.stop = [&] { return stops.found() || shutdown_requested(); };
  engine_options.on_token = [&](size_t, uint32_t, int32_t token) {
    if (speed_.tokens++ == 0) speed_.first_token_seconds = steady_seconds() - start;
    if (params.is_stop(token)) {
      result.finish_reason = "stop";
    } else {
      show(stops.add(decoder.add(token)));
    }
  };
  const auto engine = rollout::make_engine(*pretrained_.model, engine_options);
  engine->generate(prompts, 1, params, RandomStream({options_.seed, 0, Purpose::sample, calls_++}));
  if (!stops.found()) show(stops.add(decoder.finish()));
  show(stops.finish());
  if (stops.found()) result.finish_reason = "stop";
  if (shutdown_requested()) result.finish_reason = "interrupted";
  speed_.seconds = steady_seconds() - start;
  result.num_tokens = speed_.tokens;
  return result;
}

void Generator::complete(const std::vector<std::string>& prompts, int64_t num_samples,
                         const OnCompletions& on_completions) {
  rollout::SamplingParams params = options_.sampling;
  const auto encoded = encode(prompts, params);
  const double start = steady_seconds();
  speed_ = {};
  for (const auto& prompt : encoded)
    speed_.prompt_tokens += static_cast<int64_t>(prompt.ids.size());
  InOrder in_order(prompts.size(), [&](size_t p, const rollout::Group& group) {
    std::vector<GeneratedText> texts;
    for (const auto& completion : group) {
      texts.push_back(finished(completion));
      speed_.tokens += texts.back().num_tokens;
    }
    on_completions(p, texts);
  });
  rollout::EngineOptions engine_options;
  engine_options.stop = [] { return shutdown_requested(); };
  std::once_flag first;
  engine_options.on_token = [&](size_t, uint32_t, int32_t) {
    std::call_once(first, [&] { speed_.first_token_seconds = steady_seconds() - start; });
  };
  const auto engine = rollout::make_engine(*pretrained_.model, engine_options);
  engine->generate(encoded, num_samples, params,
                   RandomStream({options_.seed, 0, Purpose::sample, calls_++}),
                   [&](size_t p, const rollout::Group& group) { in_order.add(p, group); });
  speed_.seconds = steady_seconds() - start;
}

}  // namespace reckon::cli
