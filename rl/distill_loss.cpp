#include "rl/distill_loss.h"

#include <cmath>
#include <optional>
#include <vector>

#include "policy/token_logprobs.h"

namespace reckon::rl {
namespace {

constexpr int64_t kChunkLogits = int64_t{1} << 22;  // of one model; about ten such tensors exist

// Divergences of a chunk of tokens, and the gradient of their sum with respect to the student's
// logits.
struct ChunkDivergence {
  at::Tensor divergence, reverse_kl;  // [n]
  at::Tensor dlogits;                 // [n, V]
};

at::Tensor log_distribution(const at::Tensor& hidden, const at::Tensor& weight) {
  const auto logits = hidden.matmul(weight.t());
  const auto wide = logits.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  return at::log_softmax(logits.to(wide), -1);
}

// Log-probabilities log q of the student and log p of the teacher, [n, V].
ChunkDivergence chunk_divergence(const at::Tensor& log_q, const at::Tensor& log_p, double beta) {
  const auto q = log_q.exp();
  ChunkDivergence out;
  out.reverse_kl = (q * (log_q - log_p)).sum(-1);
  if (beta == 0.0) {
    const auto p = log_p.exp();
    out.divergence = (p * (log_p - log_q)).sum(-1);
    out.dlogits = q - p;
    return out;
  }
  // The derivative by q, up to a constant that the softmax takes away again.
  at::Tensor slope;
  if (beta == 1.0) {
    out.divergence = out.reverse_kl;
    slope = log_q - log_p;
  } else {
    const auto log_m = at::logaddexp(log_q + std::log1p(-beta), log_p + std::log(beta));
    slope = (1.0 - beta) * (log_q - log_m);
    out.divergence = (q * slope).sum(-1) + beta * (log_p.exp() * (log_p - log_m)).sum(-1);
  }
  out.dlogits = q * (slope - (q * slope).sum(-1, true));
  return out;
}

// Runs over the tokens; with a weight, backward too.
TokenDivergence run_chunks(const HeadInput& student, const HeadInput& teacher,
                           const at::Tensor& rows, double beta, std::optional<double> weight) {
  const int64_t vocabulary = std::min(student.head.outputs(), teacher.head.outputs());
  const int64_t chunk = std::max<int64_t>(1, kChunkLogits / vocabulary);
  std::vector<at::Tensor> divergence, reverse_kl;
  at::Tensor dhidden;
  {
    const at::NoGradGuard no_grad;
    const auto student_weight = student.head.merged_weight().narrow(0, 0, vocabulary);
    const auto teacher_weight = teacher.head.merged_weight().narrow(0, 0, vocabulary);
    const bool trains_head = weight && student.head.weight.requires_grad();
    if (weight) dhidden = at::zeros_like(student.hidden);
    if (trains_head) policy::bind_gradient(student.head.weight);
    for (int64_t first = 0; first < rows.numel(); first += chunk) {
      const auto places = rows.narrow(0, first, std::min(chunk, rows.numel() - first));
      const auto hidden = student.hidden.index_select(0, places);
      const auto out = chunk_divergence(
          log_distribution(hidden, student_weight),
          log_distribution(teacher.hidden.index_select(0, places), teacher_weight), beta);
      divergence.push_back(out.divergence);
      reverse_kl.push_back(out.reverse_kl);
      if (!weight) continue;
      const auto dlogits = (out.dlogits * *weight).to(hidden.scalar_type());
      dhidden.index_add_(0, places, dlogits.matmul(student_weight));
      if (trains_head) {
        student.head.weight.grad().narrow(0, 0, vocabulary).addmm_(dlogits.t(), hidden);
      }
    }
  }
  if (weight) student.hidden.backward(dhidden);
  return {at::cat(divergence), at::cat(reverse_kl)};
}

}  // namespace

TokenDivergence token_divergence(const HeadInput& student, const HeadInput& teacher,
                                 const at::Tensor& rows, double beta) {
  return run_chunks(student, teacher, rows, beta, std::nullopt);
}

TokenDivergence token_divergence_backward(const HeadInput& student, const HeadInput& teacher,
                                          const at::Tensor& rows, double beta, double weight) {
  return run_chunks(student, teacher, rows, beta, weight);
}

}  // namespace reckon::rl
