"""Advantages, GRPO losses and their metrics on packed tokens, written for clearness only.

Symbols: r = exp(lp - lp_old) policy ratio, x = lp - lp_ref log-ratio to the reference, A advantage
of a completion, L_i its number of loss tokens. `lp`, `lp_old`, `lp_ref` are packed [N]; completion
i owns [offsets[i], offsets[i + 1]).
"""

import torch

EPSILON_OF_STD = 1e-4


def advantages(rewards, group_size, scale_rewards):
    """Reward minus group mean, divided by the group's or the batch's deviation (with Bessel's
    correction)."""
    groups = rewards.view(-1, group_size)
    centred = groups - groups.mean(dim=1, keepdim=True)
    if scale_rewards == "group":
        centred = centred / (groups.std(dim=1, keepdim=True) + EPSILON_OF_STD)
    elif scale_rewards == "batch":
        centred = centred / (rewards.std() + EPSILON_OF_STD)
    return centred.reshape(-1)


def clipped_term(ratio, advantage, epsilon, epsilon_high, delta):
    """min(r A, clip(r) A), with r bounded by delta in the first product where delta is given."""
    bounded = ratio if delta is None else ratio.clamp(max=delta)
    clipped = ratio.clamp(1 - epsilon, 1 + epsilon_high)
    return torch.minimum(bounded * advantage, clipped * advantage)


def k3_estimate(lp, lp_ref):
    """e^-x - 1 + x with -x held in [-20, 20]."""
    negative_x = (lp_ref - lp).clamp(-20, 20)
    return negative_x.exp() - 1 - negative_x


def kl_term(lp, lp_ref, ratio, settings):
    """The KL penalty of each token as the loss sees it; k2 off-policy carries the detached
    ratio."""
    if settings["use_bias_correction_kl"]:
        return ratio * k3_estimate(lp, lp_ref)
    if settings["kl_estimator"] == "k3":
        return k3_estimate(lp, lp_ref)
    x = -(lp_ref - lp).clamp(-20, 20)
    return ratio.detach() * x**2 / 2


def aggregate(values, mask, offsets, settings):
    """One number out of the tokens' values; a masked completion still counts in the number of
    completions."""
    batch = len(offsets) - 1
    kept = values * mask
    kind = settings["loss_aggregation"]
    if kind == "constant":
        return kept.sum() / (batch * settings["max_completion_length"])
    if kind == "token_mean":
        return kept.sum() / mask.sum().clamp(min=1)
    if kind == "seq_mean_token_mean":
        spans = zip(offsets[:-1], offsets[1:])
        return sum(kept[a:b].sum() / mask[a:b].sum().clamp(min=1) for a, b in spans) / batch
    assert kind == "local_token_mean", kind
    total, first = 0.0, 0
    for count in settings["micro_batches"]:
        a, b = offsets[first], offsets[first + count]
        total = total + kept[a:b].sum() / mask[a:b].sum().clamp(min=1)
        first += count
    assert first == batch
    return total / len(settings["micro_batches"])


def clip_metrics(ratio, advantage, mask, offsets, settings):
    """Shares of loss tokens in the clip regions; completions without loss tokens have no share of
    their own."""
    low = (ratio < 1 - settings["epsilon"]) & (advantage < 0)
    high = (ratio > 1 + settings["epsilon_high"]) & (advantage > 0)
    low, high = low.double() * mask, high.double() * mask
    spans = [(a, b) for a, b in zip(offsets[:-1], offsets[1:]) if mask[a:b].sum() > 0]
    tokens = mask.sum()
    return {
        "clip_ratio/low_mean": low.sum() / tokens,
        "clip_ratio/low_min": torch.stack([low[a:b].mean() for a, b in spans]).min(),
        "clip_ratio/high_mean": high.sum() / tokens,
        "clip_ratio/high_max": torch.stack([high[a:b].mean() for a, b in spans]).max(),
        "clip_ratio/region_mean": (low + high).sum() / tokens,
    }


def loss_and_metrics(lp, inputs, settings):
    """Returns (loss, outputs); `inputs` holds lp_old, lp_ref, rewards, offsets and truncated as
    tensors."""
    offsets = inputs["offsets"].tolist()
    lengths = inputs["offsets"].diff()
    per_completion = advantages(
        inputs["rewards"], settings["num_generations"], settings["scale_rewards"]
    )
    advantage = per_completion.repeat_interleave(lengths)
    masked = inputs["truncated"].bool() & settings["mask_truncated_completions"]
    mask = (~masked).double().repeat_interleave(lengths)
    ratio = (lp - inputs["lp_old"]).exp()
    delta = settings["delta"]
    term = clipped_term(ratio, advantage, settings["epsilon"], settings["epsilon_high"], delta)
    policy_loss = -aggregate(term, mask, offsets, settings)
    outputs = {"advantages": per_completion, "policy_loss": policy_loss.detach()}
    loss = policy_loss
    if settings["beta"] > 0:
        penalty = kl_term(lp, inputs["lp_ref"], ratio, settings)
        loss = loss + settings["beta"] * aggregate(penalty, mask, offsets, settings)
        outputs["kl"] = (k3_estimate(lp, inputs["lp_ref"]).detach() * mask).sum() / mask.sum()
    outputs["loss"] = loss.detach()
    outputs.update(clip_metrics(ratio.detach(), advantage, mask, offsets, settings))
    return loss, outputs
