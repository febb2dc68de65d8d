"""Makes grpo_terms.safetensors: losses and gradients of every loss type with corrections, KL,
entropy rules and masks, on random tokens. make_grpo_loss.py has the clipped losses in depth."""

import json

import numpy
import torch

import golden_file
import plain_policy_terms

PROMPTS, GROUP = 3, 4
BATCH = PROMPTS * GROUP
VOCABULARY = 5
# loss_type: advantage_estimator, scale_rewards, term, loss_aggregation, epsilon, epsilon_high
PRESETS = {
    "grpo": ("group_mean", "group", "clip", "seq_mean_token_mean", 0.2, 0.2),
    "dr_grpo": ("group_mean", "none", "clip", "constant", 0.2, 0.28),
    "dapo": ("group_mean", "group", "clip", "token_mean", 0.2, 0.28),
    "gspo": ("group_mean", "group", "sequence_clip", "seq_mean", 3e-4, 4e-4),
    "cispo": ("group_mean", "group", "cispo", "token_mean", None, 5.0),
    "gmpo": ("group_mean", "group", "gmpo", "seq_mean", 0.4, 0.4),
    "sapo": ("group_mean", "group", "sapo", "seq_mean_token_mean", None, None),
    "rloo": ("rloo", "none", "clip", "constant", 0.2, 0.28),
    "reinforce_pp": ("reinforce_pp", "none", "clip", "token_mean", 0.2, 0.2),
    "reinforce_pp_baseline": ("reinforce_pp_baseline", "none", "clip", "token_mean", 0.2, 0.2),
    "dppo": ("group_mean", "none", "dppo", "token_mean", None, None),
    "reinforce": ("group_mean", "none", "reinforce", "constant", None, None),
}
DEFAULTS = {
    "delta": None,
    "sapo_temperature_pos": 1.0,
    "sapo_temperature_neg": 1.05,
    "dppo_mask_low": 0.2,
    "dppo_mask_high": 0.2,
    "dppo_kl_tau": 1e-3,
    "beta": 0.0,
    "kl_estimator": "k2",
    "kl_placement": "loss",
    "use_bias_correction_kl": False,
    "old_logprobs": "sampler",
    "importance_sampling_correction": "none",
    "importance_sampling_clip_max": None,
    "importance_sampling_clip_min": None,
    "off_policy_mask_threshold": None,
    "top_entropy_quantile": 1.0,
    "entropy_coef": 0.0,
    "mask_truncated_completions": False,
    "num_generations": GROUP,
    "max_completion_length": 9,
}
CLIP_MAX = {"tis": 2.0, "mis": 5.0, "sequence": 3.0, "sequence_truncate": 3.0}
# For each kind of term, log-ratios around its bounds.
TOKEN_RATIOS = [-1.2, -0.35, -0.1, 0.0, 0.08, 0.215, 0.33, 0.6, 1.9]
SEQUENCE_RATIOS = [-2e-3, -3.6e-4, -1e-4, 0.0, 2e-4, 6e-4, 3e-3]
ENGINE_GAPS = [-1.2, -0.5, -0.1, 0.0, 0.05, 0.4, 0.9, 2.0]


def resolve(config):
    """All settings of a case: the preset of its loss type under what it sets."""
    names = ("advantage_estimator", "scale_rewards", "term", "loss_aggregation", "epsilon")
    names += ("epsilon_high",)
    settings = DEFAULTS | dict(zip(names, PRESETS[config["loss_type"]])) | config
    if config.get("importance_sampling_level") == "sequence":
        settings["term"] = "sequence_clip"
    if settings["advantage_estimator"] == "reinforce_pp":
        settings["kl_placement"] = "reward"
    kind = settings["importance_sampling_correction"]
    if kind != "none" and settings["importance_sampling_clip_max"] is None:
        settings["importance_sampling_clip_max"] = CLIP_MAX[kind]
    if kind == "mis" and settings["importance_sampling_clip_min"] is None:
        settings["importance_sampling_clip_min"] = 0.5
    return settings


def corrected(kind, **more):
    """Keys of a correction."""
    return {"old_logprobs": "recompute", "importance_sampling_correction": kind, **more}


def make_cases():
    """Name to the keys that the case sets."""
    cases = {loss_type: {"loss_type": loss_type} for loss_type in PRESETS}

    def add(loss_type, name, **keys):
        cases[f"{loss_type}_{name}"] = {"loss_type": loss_type, **keys}

    for loss_type in ("dapo", "gspo", "gmpo"):
        for kind in CLIP_MAX:
            add(loss_type, kind, **corrected(kind))
    add("cispo", "tis", **corrected("tis", importance_sampling_clip_max=1.5))
    add("sapo", "mis", **corrected("mis", importance_sampling_clip_min=0.7))
    add("reinforce", "tis", **corrected("tis"))
    add("rloo", "sequence", **corrected("sequence", importance_sampling_clip_min=0.4))
    add("reinforce_pp_baseline", "sequence_truncate", **corrected("sequence_truncate"))
    add("grpo", "recompute", old_logprobs="recompute")
    for kind in ("k2", "k3", "k3+"):
        add("dapo", f"{kind}_tis", beta=0.05, kl_estimator=kind, **corrected("tis"))
        add("cispo", kind, beta=0.05, kl_estimator=kind)
    ratio_k3 = {"beta": 0.05, "kl_estimator": "k3", "use_bias_correction_kl": True}
    add("dapo", "r-k3_tis", **ratio_k3, **corrected("tis"))
    add("gspo", "r-k3", **ratio_k3)
    add("gmpo", "k3+_mis", beta=0.05, kl_estimator="k3+", **corrected("mis"))
    add("dppo", "k2", beta=0.1)
    for loss_type in ("grpo", "rloo", "reinforce_pp_baseline", "gspo"):
        add(loss_type, "kl-in-reward", beta=0.05, kl_placement="reward", kl_estimator="k1")
    add("reinforce_pp", "kl", beta=0.05)
    masked = {"mask_truncated_completions": True}
    add("reinforce_pp", "kl_recompute_mask", beta=0.05, old_logprobs="recompute", **masked)
    add_variants(add)
    add_entropy_and_masks(add)
    return cases


def add_variants(add):
    """Keys of the policy term, the advantages and the aggregation."""
    narrow = {"importance_sampling_level": "sequence", "epsilon": 1e-3, "epsilon_high": 5e-4}
    add("grpo", "sequence-level", **narrow)
    add("grpo", "sequence-level_delta", delta=1.002, **narrow)
    by_group = {"loss_aggregation": "group_token_mean"}
    add("dapo", "maxrl_group-tokens", advantage_estimator="maxrl", scale_rewards="none", **by_group)
    masked = {"mask_truncated_completions": True}
    add("cispo", "batch_group-tokens_mask", scale_rewards="batch", **by_group, **masked)
    add("dppo", "no-kl_narrow", dppo_kl_tau=0.0, dppo_mask_low=0.1, dppo_mask_high=0.3)
    add("sapo", "temperatures", sapo_temperature_pos=0.5, sapo_temperature_neg=2.5)


def add_entropy_and_masks(add):
    """Entropy bonus, and masks of tokens and completions."""
    masked = {"mask_truncated_completions": True}
    for loss_type in ("dr_grpo", "gspo", "cispo", "dppo", "reinforce_pp"):
        add(loss_type, "entropy_mask", entropy_coef=0.02, **masked)
    for loss_type in ("dapo", "gmpo", "sapo"):
        add(loss_type, "top-entropy", top_entropy_quantile=0.3)
    both = {"top_entropy_quantile": 0.5, "entropy_coef": 0.01, "beta": 0.05}
    add("dapo", "top-entropy_all", **both, **masked, **corrected("tis"))
    for loss_type, threshold in (("dapo", 0.1), ("gspo", 5e-4), ("cispo", 0.1)):
        add(loss_type, "off-policy-mask", off_policy_mask_threshold=threshold)
    add("dapo", "off-policy-mask_tis", off_policy_mask_threshold=0.1, **corrected("tis"))


def exact(values):
    """float64 tensor of values that float32 holds exactly."""
    return torch.tensor(numpy.asarray(values, dtype=numpy.float32).astype(numpy.float64))


def make_rewards(rng, settings):
    """Binary and graded rewards, one group of equal ones, sometimes a completion without a score."""
    rewards = numpy.array([[1.0, 0.0, 0.0, 1.0], [0.1, 1.0, 0.0, 0.25], [0.5, 0.5, 0.5, 0.5]])
    rewards = [float(r) for r in rng.permuted(rewards, axis=1).reshape(-1)]
    if settings["advantage_estimator"] in ("group_mean", "reinforce_pp") and rng.integers(2) == 1:
        rewards[int(rng.integers(8))] = None
    return rewards


def make_completion(rng, length, settings):
    """Log-probabilities and entropies of one completion; ratios lie around the term's bounds."""
    lp_smp = exact(numpy.log(rng.uniform(0.02, 0.9, size=length)))
    gap = rng.choice(ENGINE_GAPS, size=length) + 0.02 * rng.random(length)
    if settings["importance_sampling_correction"].startswith("sequence"):
        gap = 0.5 * gap + rng.choice([-0.3, 0.0, 0.2])
    elif settings["term"] in ("sequence_clip", "gmpo"):
        gap = gap * rng.choice([0.3, 1.0])
    lp_old = lp_smp.clone()
    if settings["old_logprobs"] == "recompute":
        lp_old = exact(lp_smp.numpy() + gap)
    if settings["term"] == "sequence_clip":
        step = rng.choice(SEQUENCE_RATIOS) + 1e-4 * rng.standard_normal(length)
    else:
        step = rng.choice(TOKEN_RATIOS, size=length)
        step = step + 0.01 * rng.random(length) * (step != 0)
    lp = lp_old + torch.tensor(step)
    if settings["term"] == "dppo":
        lp = torch.tensor(numpy.log(rng.uniform(0.02, 0.95, size=length)))
        if rng.integers(2) == 1:
            lp_smp[0] = lp_old[0] = exact([numpy.log(0.004)])[0]
            lp[0] = numpy.log(0.4)
    lp_ref = exact(lp_old.numpy() + numpy.clip(0.6 * rng.standard_normal(length), -1.5, 1.5))
    return {
        "lp": lp,
        "lp_old": lp_old,
        "lp_smp": lp_smp,
        "lp_ref": lp_ref,
        "entropy": torch.tensor(rng.uniform(0.05, 1.5, size=length)),
    }


def make_rollout(rng, settings):
    """The completions of one case."""
    lengths = rng.permutation([1, 7, *rng.integers(2, 7, size=BATCH - 2)])
    truncated = numpy.zeros(BATCH, dtype=bool)
    truncated[rng.choice(BATCH, size=3, replace=False)] = True
    rewards = make_rewards(rng, settings)
    rollout = []
    for i, length in enumerate(lengths):
        one = make_completion(rng, int(length), settings)
        one["reward"], one["group"], one["truncated"] = rewards[i], i // GROUP, bool(truncated[i])
        one["masked"] = bool(truncated[i]) and settings["mask_truncated_completions"]
        rollout.append(one)
    return rollout


def term_slope(one, advantage, settings):
    """|d u / d lp| of each token when its completion stands alone: 0 where the guard stops it."""
    lp = one["lp"].clone().requires_grad_()
    u = plain_policy_terms.term(one | {"lp": lp}, advantage, settings | {"dppo_kl_tau": 0.0})
    (slope,) = torch.autograd.grad(u.sum(), lp)
    return slope


def meets_all_regions(rollout, settings):
    """Whether for both signs of the advantage some loss tokens are stopped and others are not, and
    corrections and masks act on some."""
    met = {(sign, stopped): False for sign in (-1, 1) for stopped in (False, True)}
    factors = []
    values = plain_policy_terms.advantages(rollout, settings)
    for one, advantage in zip(rollout, values):
        if one["masked"]:
            continue
        slope = term_slope(one, advantage, settings)
        factors.append(plain_policy_terms.policy_factor(one, advantage, None, settings))
        for sign in (-1, 1):
            here = advantage.sign() == sign
            if here.any():
                met[sign, True] |= bool((slope[here] == 0).any())
                met[sign, False] |= bool((slope[here] != 0).any())
    stops = settings["term"] in ("clip", "sequence_clip", "gmpo", "dppo")
    if not all(value for (_, stopped), value in met.items() if stops or not stopped):
        return False
    factors = torch.cat(factors)
    dropped = factors == 0
    if settings["off_policy_mask_threshold"] is not None and (dropped.all() or not dropped.any()):
        return False
    kind = settings["importance_sampling_correction"]
    if kind in ("mis", "sequence"):
        return bool(dropped.any() and not dropped.all())
    if kind in ("tis", "sequence_truncate") and settings["term"] not in ("gmpo", "sequence_clip"):
        top = factors == settings["importance_sampling_clip_max"]
        return bool(top.any() and not top.all())
    return True


def off_the_bounds(rollout, settings):
    """Whether every ratio is so far off every bound that rounding cannot decide."""
    for one in rollout:
        if settings["term"] == "sequence_clip":
            values = [(one["lp"] - one["lp_old"]).mean().exp() - 1]
            bounds, margin = [-settings["epsilon"], settings["epsilon_high"]], 1e-6
        elif settings["term"] == "gmpo":
            values = one["lp"] - one["lp_old"]
            bounds, margin = [-settings["epsilon"], settings["epsilon_high"]], 1e-3
        elif settings["term"] == "dppo":
            values = one["lp"].exp() - one["lp_smp"].exp()
            bounds, margin = [-settings["dppo_mask_low"], settings["dppo_mask_high"]], 1e-3
        elif settings["term"] in ("clip", "cispo"):
            values = (one["lp"] - one["lp_old"]).exp() - 1
            bounds = [-(settings["epsilon"] or 1), settings["epsilon_high"]]
            margin = 1e-4
        else:
            return True
        if any(abs(value - bound) < margin for value in values for bound in bounds):
            return False
    return True


def draw_rollout(index, name, settings):
    """The first drawn rollout that meets every region."""
    for attempt in range(400):
        rollout = make_rollout(numpy.random.default_rng([7300, index, attempt]), settings)
        if meets_all_regions(rollout, settings) and off_the_bounds(rollout, settings):
            return rollout
    raise SystemExit(f"expected a rollout that meets every region, got none, in {name}")


def outputs_of(rollout, settings):
    """Loss and its gradients with respect to log-probabilities and entropies."""
    for one in rollout:
        one["lp"].requires_grad_()
        one["entropy"].requires_grad_()
    loss, policy_loss = plain_policy_terms.loss(rollout, settings)
    leaves = [one[key] for one in rollout for key in ("lp", "entropy")]
    grads = torch.autograd.grad(loss, leaves, allow_unused=True)
    grads = [torch.zeros_like(leaf) if g is None else g for leaf, g in zip(leaves, grads)]
    return {
        "loss": loss.detach(),
        "policy_loss": policy_loss,
        "dloss_dlp": torch.cat(grads[0::2]),
        "dloss_dentropy": torch.cat(grads[1::2]),
        "advantages": torch.cat(plain_policy_terms.advantages(rollout, settings)),
    }


def inputs_of(rollout):
    """The packed tensors of a rollout; NaN-free: `scored` says which rewards exist."""
    lengths = [len(one["lp"]) for one in rollout]
    tensors = {
        key: torch.cat([one[key] for one in rollout]).detach()
        for key in ("lp", "lp_old", "lp_smp", "lp_ref", "entropy")
    }
    tensors["offsets"] = torch.tensor(numpy.cumsum([0, *lengths]))
    rewards = [one["reward"] or 0.0 for one in rollout]
    tensors["rewards"] = torch.tensor(rewards, dtype=torch.float64)
    tensors["scored"] = torch.tensor([int(one["reward"] is not None) for one in rollout])
    tensors["truncated"] = torch.tensor([int(one["truncated"]) for one in rollout])
    return tensors


def logits_case(rng, settings):
    """A rollout whose log-probabilities and entropies come from logits [N, V], and its gradient
    with respect to them."""
    rollout = make_rollout(rng, settings)
    logits, targets = [], []
    for one in rollout:
        length = len(one["lp"])
        own = torch.tensor(2 * rng.standard_normal((length, VOCABULARY))).requires_grad_()
        target = torch.tensor(rng.integers(VOCABULARY, size=length))
        logprobs = own.log_softmax(dim=-1)
        one["lp"] = logprobs.gather(1, target[:, None])[:, 0]
        one["entropy"] = -(logprobs.exp() * logprobs).sum(dim=-1)
        shift = exact(one["lp"].detach().numpy() + 0.2 * rng.standard_normal(length))
        one["lp_smp"] = one["lp_old"] = shift
        logits.append(own)
        targets.append(target)
    loss, _ = plain_policy_terms.loss(rollout, settings)
    grads = torch.autograd.grad(loss, logits, allow_unused=True)
    grads = [torch.zeros_like(own) if g is None else g for own, g in zip(logits, grads)]
    more = {"logits": torch.cat(logits), "targets": torch.cat(targets)}
    more |= {"loss": loss.detach(), "dloss_dlogits": torch.cat(grads)}
    return inputs_of(rollout) | more


def advantage_cases():
    """Several reward functions with gaps, and their advantages when normalised before the sum."""
    rng = numpy.random.default_rng(7301)
    first = [1.0, 0.0, 0.0, 1.0, 0.5, 0.5, 0.5, 0.5, None, None, 1.0, 0.0]
    second = [float(x) for x in rng.integers(0, 5, size=12) / 4]
    second[2] = second[9] = None
    weights = [1.0, 0.3]
    values = plain_policy_terms.normalize_then_sum([first, second], weights, GROUP)
    return json.dumps(
        {"by_function": [first, second], "weights": weights, "advantages": values}
    )


def main():
    """Step 1. inputs that meet every region; Step 2. losses and gradients; Step 3. the file."""
    golden_file.prepare()
    folder = golden_file.output_folder(__doc__)
    cases, tensors = make_cases(), {}
    for index, (name, config) in enumerate(cases.items()):
        settings = resolve(config)
        rollout = draw_rollout(index, name, settings)
        values = inputs_of(rollout) | outputs_of(rollout, settings)
        tensors |= {f"{name}/{key}": value for key, value in values.items()}
    logits_cases = {
        "logits_dapo": {"loss_type": "dapo", "entropy_coef": 0.05},
        "logits_gspo": {"loss_type": "gspo", "entropy_coef": 0.05, "beta": 0.1},
        "logits_top": {"loss_type": "cispo", "top_entropy_quantile": 0.4, "entropy_coef": 0.01},
    }
    for index, (name, config) in enumerate(logits_cases.items()):
        values = logits_case(numpy.random.default_rng([7302, index]), resolve(config))
        tensors |= {f"{name}/{key}": value for key, value in values.items()}
    metadata = golden_file.versions() | {
        "cases": json.dumps(cases),
        "logits_cases": json.dumps(logits_cases),
        "normalize_then_sum": advantage_cases(),
    }
    golden_file.write(folder / "grpo_terms.safetensors", tensors, metadata)


if __name__ == "__main__":
    main()
