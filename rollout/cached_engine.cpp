#include <algorithm>
#include <atomic>
#include <mutex>

#include "core/error.h"
#include "rollout/engine.h"
#include "rollout/row_decoder.h"

namespace reckon::rollout {
namespace {

// The prompt of a group: its keys and values and the logits of its last token, made by whichever
// thread needs them first and dropped with the last completion.
struct SharedPrompt {
  std::once_flag once;
  std::unique_ptr<KvCache> cache;
  std::vector<float> logits;
  std::atomic<int64_t> open = 0;  // completions that are not finished
};

// A completion that is being sampled.
struct ActiveRow {
  size_t prompt = 0;
  uint32_t sample = 0;
  Completion* out = nullptr;
  std::unique_ptr<KvCache> cache;  // of the completion; of prompt and completion if not shared
  int32_t last_token = 0;
  bool released = false;  // whether the token of `forbid_until` has appeared
};

class CachedEngine : public RolloutEngine {
 public:
  CachedEngine(const policy::Transformer& policy, const EngineOptions& options)
      : policy_(policy), options_(options) {}

  std::vector<Group> generate(std::span<const Prompt> prompts, int64_t num_samples,
                              const SamplingParams& params, const RandomStream& stream,
                              const OnGroup& on_group) override;

 private:
  // Small weights stay in each core's cache; large ones are read from memory for every token.
  bool shares_weights() const {
    constexpr int64_t kCachedParameters = 2'000'000;
    return options_.share_weights.value_or(policy_.config().num_parameters() > kCachedParameters);
  }

  const policy::Transformer& policy_;
  EngineOptions options_;
};

// What the threads of one call share.
struct Job {
  const policy::Transformer& policy;
  const EngineOptions& options;
  std::span<const Prompt> prompts;
  int64_t num_samples;
  const SamplingParams& params;
  const RandomStream& stream;
  const OnGroup& on_group;
  std::vector<Group>& groups;
  std::vector<SharedPrompt> shared;
  std::atomic<int64_t> next = 0;  // next completion of the queue, prompt by prompt
  std::atomic<bool> failed = false;
};

// Rows that are decoded together, refilled from the common queue as they finish: one thread's own,
// which then never waits for the others except for a prompt that one of them is computing, or those
// of all threads.
class Worker {
 public:
  Worker(Job& job, DecodeThreads threads, int64_t rows)
      : job_(job), decoder_(job.policy, threads), sampler_(job.params), most_rows_(rows) {}

  void run() {
    while (!job_.failed) {
      // Step 1. Refill free rows from the queue.
      while (rows_.size() < static_cast<size_t>(job_.options.rows_per_thread) && !stopped() &&
             start_next()) {
      }
      if (rows_.empty() || stopped()) return;
      // Step 2. One token of every row through the model.
      batch_.clear();
      for (ActiveRow& row : rows_) batch_.push_back(decode_row(row));
      const auto logits = decoder_.run(batch_, static_cast<int64_t>(batch_.size()));
      // Step 3. Sample; retire what ended, the last row taking the free place.
      const auto width = static_cast<size_t>(job_.policy.config().vocab_size);
      std::vector<bool> ended(rows_.size());
      for (size_t i = 0; i < rows_.size(); ++i) {
        ended[i] = !accept(rows_[i], logits.subspan(i * width, width));
      }
      for (size_t i = rows_.size(); i-- > 0;) {
        if (ended[i]) retire(i);
      }
    }
  }

 private:
  bool stopped() const { return job_.options.stop && job_.options.stop(); }

  // Takes the next completion of the queue and samples its first token. False at the queue's end.
  bool start_next() {
    const int64_t total = static_cast<int64_t>(job_.prompts.size()) * job_.num_samples;
    const int64_t number = job_.next.fetch_add(1);
    if (number >= total) return false;
    ActiveRow row;
    row.prompt = static_cast<size_t>(number / job_.num_samples);
    row.sample = static_cast<uint32_t>(number % job_.num_samples);
    row.out = &job_.groups[row.prompt][row.sample];
    row.cache = take_cache();
    const std::vector<float> first_logits = first(row);
    if (accept(row, first_logits)) {
      rows_.push_back(std::move(row));
    } else {
      finish(row);
    }
    return true;
  }

  std::vector<float> first(ActiveRow& row) {
    const auto& ids = job_.prompts[row.prompt].ids;
    if (!job_.options.share_prompt) return prefill(ids, *row.cache);
    SharedPrompt& shared = job_.shared[row.prompt];
    std::call_once(shared.once, [&] {
      shared.cache = make_cache();
      shared.logits = prefill(ids, *shared.cache);
    });
    return shared.logits;
  }

  // Logits of a prompt's last token; fills its cache. Prompts often begin alike, with a system
  // message or worked examples: what this one has in common with the last one is copied.
  std::vector<float> prefill(const std::vector<int32_t>& ids, KvCache& cache) {
    const size_t known = common_beginning(ids);
    if (known > 0) cache.copy_prefix(*recent_, static_cast<int64_t>(known));
    cache.reserve(static_cast<int64_t>(ids.size()));
    batch_.clear();
    for (size_t i = known; i < ids.size(); ++i) {
      batch_.push_back({ids[i], nullptr, 0, &cache, static_cast<int64_t>(i)});
    }
    const auto logits = decoder_.run(batch_, 1);
    remember(ids, cache);
    return {logits.begin(), logits.end()};
  }

  // Tokens that the prompt shares with the one before, but never its last: its logits are wanted.
  size_t common_beginning(const std::vector<int32_t>& ids) const {
    const auto differ =
        std::mismatch(ids.begin(), ids.end() - 1, recent_ids_.begin(), recent_ids_.end());
    const auto common = static_cast<size_t>(differ.first - ids.begin());
    return common < kWorthCopying ? 0 : common;
  }

  void remember(const std::vector<int32_t>& ids, const KvCache& cache) {
    if (ids.size() <= kWorthCopying || job_.prompts.size() == 1) return;
    if (!recent_) recent_ = make_cache();
    recent_->copy_prefix(cache, static_cast<int64_t>(ids.size()));
    recent_ids_ = ids;
  }

  DecodeRow decode_row(ActiveRow& row) {
    const auto prompt_length = static_cast<int64_t>(job_.prompts[row.prompt].ids.size());
    const int64_t generated = static_cast<int64_t>(row.out->ids.size()) - 1;
    if (job_.options.share_prompt) {
      row.cache->reserve(generated + 1);
      return {row.last_token, job_.shared[row.prompt].cache.get(), prompt_length, row.cache.get(),
              generated};
    }
    row.cache->reserve(prompt_length + generated + 1);
    return {row.last_token, nullptr, 0, row.cache.get(), prompt_length + generated};
  }

  // Samples a row's next token. False if the completion ended with it.
  bool accept(ActiveRow& row, std::span<const float> logits) {
    Completion& out = *row.out;
    const auto& forbid = job_.params.forbid_until;
    const int32_t forbidden = forbid && !row.released ? forbid->forbidden : -1;
    const double uniform = job_.stream.uniform(static_cast<uint32_t>(out.ids.size()), row.sample,
                                               job_.prompts[row.prompt].index);
    const SampledToken token = sampler_.sample(logits, uniform, forbidden);
    out.ids.push_back(token.id);
    if (job_.options.on_token) job_.options.on_token(row.prompt, row.sample, token.id);
    out.logprobs.push_back(token.logprob);
    out.logprobs_t1.push_back(token.logprob_t1);
    if (job_.params.truncates()) out.logprobs_truncated.push_back(token.logprob_truncated);
    row.last_token = token.id;
    if (forbid && forbid->releases(token.id)) row.released = true;
    if (job_.params.is_stop(token.id)) {
      out.finish_reason = FinishReason::stop;
      return false;
    }
    return static_cast<int64_t>(out.ids.size()) < job_.params.max_new_tokens;
  }

  void retire(size_t index) {
    finish(rows_[index]);
    std::swap(rows_[index], rows_.back());
    rows_.pop_back();
  }

  void finish(ActiveRow& row) {
    spare_.push_back(std::move(row.cache));
    SharedPrompt& shared = job_.shared[row.prompt];
    if (shared.open.fetch_sub(1) != 1) return;
    shared.cache.reset();
    if (job_.on_group) job_.on_group(row.prompt, job_.groups[row.prompt]);
  }

  std::unique_ptr<KvCache> make_cache() const {
    const auto shape = job_.policy.attention_shape();
    return std::make_unique<KvCache>(job_.policy.config().num_hidden_layers, shape.key_heads,
                                     shape.head_size);
  }

  std::unique_ptr<KvCache> take_cache() {
    if (spare_.empty()) return make_cache();
    auto cache = std::move(spare_.back());
    spare_.pop_back();
    return cache;
  }

  static constexpr size_t kWorthCopying = 16;  // tokens

  Job& job_;
  RowDecoder decoder_;
  Sampler sampler_;
  int64_t most_rows_;
  std::vector<ActiveRow> rows_;
  std::vector<DecodeRow> batch_;
  std::vector<std::unique_ptr<KvCache>> spare_;
  std::vector<int32_t> recent_ids_;  // the prompt of recent_
  std::unique_ptr<KvCache> recent_;
};

std::vector<Group> CachedEngine::generate(std::span<const Prompt> prompts, int64_t num_samples,
                                          const SamplingParams& params, const RandomStream& stream,
                                          const OnGroup& on_group) {
  check_prompts(prompts, policy_.config().vocab_size);
  std::vector<Group> groups(prompts.size(), Group(static_cast<size_t>(num_samples)));
  if (params.max_new_tokens <= 0 || num_samples <= 0) {
    for (size_t p = 0; on_group && p < prompts.size(); ++p) on_group(p, groups[p]);
    return groups;
  }
  Job job{policy_,     options_, prompts,
          num_samples, params,   stream,
          on_group,    groups,   std::vector<SharedPrompt>(prompts.size())};
  size_t longest = 0;
  for (size_t p = 0; p < prompts.size(); ++p) {
    job.shared[p].open = num_samples;
    longest = std::max(longest, prompts[p].ids.size());
  }
  // The rotary table grows here, before the threads read it.
  policy_.rope(static_cast<int64_t>(longest) + params.max_new_tokens);
  const int64_t threads = at::get_num_threads();
  if (shares_weights()) {
    Worker(job, DecodeThreads::all, threads * options_.rows_per_thread).run();
    return groups;
  }
  at::parallel_for(0, threads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t thread = begin; thread < end; ++thread) {
      try {
        Worker(job, DecodeThreads::calling, options_.rows_per_thread).run();
      } catch (...) {
        job.failed = true;  // the other threads stop at their next token
        throw;
      }
    }
  });
  return groups;
}

}  // namespace

std::unique_ptr<RolloutEngine> make_engine(const policy::Transformer& policy,
                                           const EngineOptions& options) {
  check(options.rows_per_thread >= 1, ErrorCode::invalid_argument,
        "expected at least one row per thread, got {}", options.rows_per_thread);
  const auto& weights = policy.embedding();
  if (!weights.is_cpu() || weights.scalar_type() != at::kFloat) {
    return make_full_forward_engine(policy, options);
  }
  return std::make_unique<CachedEngine>(policy, options);
}

}  // namespace reckon::rollout
