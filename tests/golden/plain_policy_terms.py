"""Policy terms, advantages, corrections and entropy rules of the other GRPO losses, one completion
at a time and written for clearness only; plain_grpo.py holds the clipped term and the KL.

A rollout is a list of completions. Each has tensors `lp`, `entropy`, `lp_old`, `lp_smp`, `lp_ref`
[L], a number `reward` (None: unscorable), `masked`, and its `group`.
"""

import math

import torch

import plain_grpo

EPSILON = plain_grpo.EPSILON_OF_STD
DPPO_CAP = 20.0


def deviation(values):
    """Standard deviation with Bessel's correction; 0 for fewer than two values."""
    return torch.tensor(values, dtype=torch.float64).std().item() if len(values) > 1 else 0.0


def mean(values):
    return sum(values) / len(values) if values else 0.0


def scalar_advantages(rewards, group_size, estimator, scale):
    """One advantage a completion out of the group's rewards; 0 for unscorable ones and for groups
    with fewer than two scores."""
    scored = [r for r in rewards if r is not None]
    out = []
    centred = []
    for first in range(0, len(rewards), group_size):
        group = rewards[first : first + group_size]
        known = [r for r in group if r is not None]
        m = mean(known)
        for reward in group:
            if reward is None or len(known) < 2:
                out.append(0.0)
                centred += [0.0] if reward is not None else []
                continue
            centred.append(reward - m)
            if estimator == "rloo":
                others = (sum(known) - reward) / (len(known) - 1)
                out.append(reward - others)
            elif estimator == "maxrl":
                out.append((reward - m) / (m + EPSILON) if m > 0 else 0.0)
            elif estimator == "group_mean":
                divisor = {"none": 1.0, "group": deviation(known) + EPSILON}
                divisor["batch"] = deviation(scored) + EPSILON
                out.append((reward - m) / divisor[scale])
            else:
                assert estimator == "reinforce_pp_baseline", estimator
                out.append(reward - m)
    if estimator == "reinforce_pp_baseline":
        m, s = mean(centred), deviation(centred)
        out = [
            0.0 if reward is None else (a - m) / (s + EPSILON) for a, reward in zip(out, rewards)
        ]
    return out


def normalize_then_sum(by_function, weights, group_size):
    """Each function normalised in its group, then the weighted sum over the batch (GDPO)."""
    sums = [None] * len(by_function[0])
    for values, weight in zip(by_function, weights):
        z = scalar_advantages(values, group_size, "group_mean", "group")
        for i, value in enumerate(values):
            if value is not None:
                sums[i] = (sums[i] or 0.0) + weight * z[i]
    known = [z for z in sums if z is not None]
    m, s = mean(known), deviation(known)
    return [0.0 if z is None else (z - m) / (s + EPSILON) for z in sums]


def token_advantages(rollout, beta):
    """REINFORCE++: returns of tokens with the KL to the reference as penalty, whitened over all
    loss tokens."""
    returns = []
    for one in rollout:
        length = len(one["lp_old"])
        if one["reward"] is None:
            returns.append([0.0] * length)
            continue
        x = (one["lp_old"] - one["lp_ref"]).clamp(-20, 20)
        rewards = (-beta * x).tolist()
        rewards[-1] += one["reward"]
        returns.append([sum(rewards[t:]) for t in range(length)])
    counted = [
        value
        for one, values in zip(rollout, returns)
        if one["reward"] is not None and not one["masked"]
        for value in values
    ]
    m, s = mean(counted), deviation(counted)
    return [
        torch.tensor(
            [0.0 if one["reward"] is None else (v - m) / (s + EPSILON) for v in values],
            dtype=torch.float64,
        )
        for one, values in zip(rollout, returns)
    ]


def advantages(rollout, settings):
    """A tensor [L] of advantages for each completion."""
    beta = settings["beta"] if settings["kl_placement"] == "reward" else 0.0
    if settings["advantage_estimator"] == "reinforce_pp":
        return token_advantages(rollout, beta)
    rewards = []
    for one in rollout:
        shaped = one["reward"]
        if shaped is not None:
            shaped -= beta * (one["lp_old"] - one["lp_ref"]).clamp(-20, 20).sum().item()
        rewards.append(shaped)
    values = scalar_advantages(
        rewards,
        settings["num_generations"],
        settings["advantage_estimator"],
        settings["scale_rewards"],
    )
    return [torch.full_like(one["lp_old"], a) for one, a in zip(rollout, values)]


def term(one, advantage, settings):
    """u [L] of a completion; a term of one number a sequence stands at each token."""
    lp, lp_old, lp_smp = one["lp"], one["lp_old"], one["lp_smp"]
    low, high, kind = settings["epsilon"], settings["epsilon_high"], settings["term"]
    if kind == "clip":
        ratio = (lp - lp_old).exp()
        return plain_grpo.clipped_term(ratio, advantage, low, high, settings["delta"])
    if kind == "sequence_clip":
        ratio = (lp - lp_old).mean().exp()
        return plain_grpo.clipped_term(
            ratio.expand_as(lp), advantage, low, high, settings["delta"]
        )
    if kind == "cispo":
        weight = (lp - lp_old).exp().clamp(max=high).detach()
        return weight * advantage * lp
    if kind == "gmpo":
        bounded = [
            l.clamp(max=high) if a > 0 else l.clamp(min=-low)
            for l, a in zip(lp - lp_old, advantage)
        ]
        return advantage * torch.stack(bounded).mean().exp()
    if kind == "sapo":
        gates = []
        for ratio, a in zip((lp - lp_old).exp(), advantage):
            tau = settings["sapo_temperature_pos" if a > 0 else "sapo_temperature_neg"]
            gates.append(4 / tau * torch.sigmoid(tau * (ratio - 1)))
        return torch.stack(gates) * advantage
    if kind == "dppo":
        p, b = lp.exp().detach(), lp_smp.exp()
        gone = (advantage > 0) & (p - b > settings["dppo_mask_high"])
        gone |= (advantage < 0) & (p - b < -settings["dppo_mask_low"])
        weight = (p / b).clamp(max=DPPO_CAP) * ~gone
        return weight * advantage * lp - settings["dppo_kl_tau"] * (lp - lp_smp) ** 2
    assert kind == "reinforce", kind
    return advantage * lp


def token_correction(one, settings):
    """Weight [L] of each token for the gap of sampler and trainer."""
    kind = settings["importance_sampling_correction"]
    most = settings["importance_sampling_clip_max"]
    least = settings["importance_sampling_clip_min"] or 0.0
    log_w = (one["lp_old"] - one["lp_smp"]).clamp(-20, 20)
    if kind in ("sequence", "sequence_truncate"):
        whole = math.exp(max(-20.0, min(20.0, log_w.sum().item())))
        if kind == "sequence":
            whole = whole if least <= whole <= most else 0.0
        return torch.full_like(log_w, min(whole, most))
    w = log_w.exp()
    if kind == "mis":
        w = w * ((w >= least) & (w <= most))
    else:
        assert kind == "tis", kind
        w = w.clamp(max=most)
    if settings["term"] in ("sequence_clip", "gmpo"):
        return torch.full_like(w, torch.prod(w).item() ** (1 / len(w)))
    return w


def kl(one, settings):
    """The KL penalty [L] of the loss."""
    r = (one["lp"] - one["lp_old"]).exp()
    w = torch.ones_like(r)
    if settings["importance_sampling_correction"] != "none":
        gap = (one["lp_old"] - one["lp_smp"]).clamp(-20, 20)
        w = gap.exp().clamp(max=settings["importance_sampling_clip_max"])
    x = (one["lp"] - one["lp_ref"]).clamp(-20, 20)
    k3 = plain_grpo.k3_estimate(one["lp"], one["lp_ref"])
    if settings["use_bias_correction_kl"]:
        return w * r * k3
    if settings["kl_estimator"] == "k3":
        return k3
    if settings["kl_estimator"] == "k3+":
        # Straight-through: the value of k3 with the gradient x of k2.
        return (r * w).detach() * (x * x.detach() - (x * x.detach()).detach() + k3.detach())
    return (r * w).detach() * x**2 / 2


def entropy_threshold(rollout, share):
    """The (1 - share)-quantile of the entropies of all loss tokens."""
    values = torch.cat([one["entropy"] for one in rollout if not one["masked"]]).detach()
    return torch.quantile(values, 1 - share)


def policy_factor(one, advantage, threshold, settings):
    """Corrections and masks [L] of a completion's policy term."""
    factor = torch.ones_like(one["lp_old"])
    if settings["importance_sampling_correction"] != "none":
        factor = factor * token_correction(one, settings)
    bound = settings["off_policy_mask_threshold"]
    if bound is not None and (one["lp_smp"] - one["lp"].detach()).mean() > bound:
        factor = factor * ~(advantage < 0)
    if threshold is not None:
        factor = factor * (one["entropy"].detach() >= threshold - 1e-12)
    return factor


def token_weight(one, rollout, settings):
    """What a token of a completion counts in J."""
    kept = [other for other in rollout if not other["masked"]]
    batch, length = len(rollout), len(one["lp"])
    kind = settings["loss_aggregation"]
    if kind in ("seq_mean", "seq_mean_token_mean"):
        return 1 / (batch * length)
    if kind == "constant":
        return 1 / (batch * settings["max_completion_length"])
    if kind == "token_mean":
        return 1 / sum(len(other["lp"]) for other in kept)
    assert kind == "group_token_mean", kind
    groups = len({other["group"] for other in rollout})
    return 1 / (groups * sum(len(o["lp"]) for o in kept if o["group"] == one["group"]))


def loss(rollout, settings):
    """Returns (loss, policy loss): minus the objective with and without KL and entropy bonus."""
    share = settings["top_entropy_quantile"]
    threshold = entropy_threshold(rollout, share) if share < 1 else None
    tokens = sum(len(one["lp"]) for one in rollout if not one["masked"])
    policy, rest = 0.0, 0.0
    for one, advantage in zip(rollout, advantages(rollout, settings)):
        if one["masked"]:
            continue
        weight = token_weight(one, rollout, settings)
        u = term(one, advantage, settings) * policy_factor(one, advantage, threshold, settings)
        policy = policy - weight * u.sum()
        if settings["beta"] > 0 and settings["kl_placement"] == "loss":
            rest = rest + settings["beta"] * weight * kl(one, settings).sum()
        rest = rest - settings["entropy_coef"] / tokens * one["entropy"].sum()
    return policy + rest, policy.detach()
