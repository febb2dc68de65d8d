"""Makes grpo_loss.safetensors: advantages, losses, gradients and metrics of GRPO losses on random
packed tokens."""

import json

import numpy
import torch

import golden_file
import plain_grpo

NUM_PROMPTS, NUM_GENERATIONS = 3, 4
BATCH = NUM_PROMPTS * NUM_GENERATIONS
AGGREGATION = {
    "grpo": "seq_mean_token_mean",
    "dr_grpo": "constant",
    "dapo": "token_mean",
    "bnpo": "local_token_mean",
}
EPSILON_HIGH = {"grpo": 0.2, "dr_grpo": 0.28, "dapo": 0.28, "bnpo": 0.2}
KL_KINDS = {
    "no-kl": {"beta": 0.0, "kl_estimator": "k2", "use_bias_correction_kl": False},
    "k2": {"beta": 0.05, "kl_estimator": "k2", "use_bias_correction_kl": False},
    "k3": {"beta": 0.05, "kl_estimator": "k3", "use_bias_correction_kl": False},
    "r-k3": {"beta": 0.05, "kl_estimator": "k3", "use_bias_correction_kl": True},
}
DELTAS = [None, 4.0, 1.5]
MICRO_BATCHES = [[5, 4, 3], [1, 11], [12], [2, 2, 2, 6]]
# One value for every place around the clip bounds and the deltas, exact 1 included.
LOG_RATIOS = [-1.2, -0.35, -0.1, 0.0, 0.08, 0.215, 0.33, 0.6, 1.6]
SPECIAL_TOKEN, SPECIAL_X = 3, [25.0, -25.0]


def base_settings(loss_type, scale_rewards, kl_kind, delta, mask):
    """The settings of one case, with a preset's aggregation and clip bounds filled in."""
    return {
        "loss_type": loss_type,
        "loss_aggregation": AGGREGATION[loss_type],
        "scale_rewards": scale_rewards,
        "epsilon": 0.2,
        "epsilon_high": EPSILON_HIGH[loss_type],
        "delta": delta,
        **KL_KINDS[kl_kind],
        "mask_truncated_completions": mask,
        "num_prompts": NUM_PROMPTS,
        "num_generations": NUM_GENERATIONS,
        "max_completion_length": 9,
        "micro_batches": MICRO_BATCHES[0],
    }


def grid_cases():
    """Every loss type x scaling x KL, with delta, mask and cut dealt so that every pair of settings
    meets."""
    cases = {}
    for i, loss_type in enumerate(AGGREGATION):
        for j, scale_rewards in enumerate(["none", "group", "batch"]):
            for k, kl_kind in enumerate(KL_KINDS):
                delta = DELTAS[(i + j + k) % 3]
                mask = (i + j + k // 2 + i // 2) % 2 == 1
                settings = base_settings(loss_type, scale_rewards, kl_kind, delta, mask)
                settings["micro_batches"] = MICRO_BATCHES[(i + j + 2 * k) % 4]
                parts = [loss_type, scale_rewards, kl_kind]
                parts += [f"delta{delta}"] if delta else []
                parts += ["mask"] if mask else []
                cases["_".join(parts)] = settings
    assert len(cases) == 48
    return cases


def special_cases():
    """Corners that the grid does not reach; the name says which."""
    cases = {
        "masked-micro-batch": base_settings("bnpo", "group", "k2", None, True),
        "equal-rewards": base_settings("dapo", "batch", "no-kl", None, False),
        "delta-below-clip-bound": base_settings("dr_grpo", "none", "no-kl", 1.1, False),
        "epsilon-10": base_settings("grpo", "group", "k3", None, False),
        "on-policy": base_settings("dr_grpo", "none", "no-kl", None, False),
        "kl-held-at-20": base_settings("dapo", "none", "k2", None, False),
    }
    cases["epsilon-10"].update(epsilon=10.0, epsilon_high=10.0)
    return cases


def make_rewards(rng, name):
    """Rewards [B]: binary, graded and, in every other case, one group without variance."""
    rewards = numpy.array([[1.0, 0.0, 0.0, 1.0], [0.1, 1.0, 0.0, 0.1], [0.25, 0.25, 0.75, 0.5]])
    rewards = rng.permuted(rewards, axis=1)
    if rng.integers(2) == 1:
        rewards[2] = 0.5
    if name == "equal-rewards":
        rewards[:] = 0.5
    return torch.tensor(rewards.reshape(-1))


def make_log_ratios(rng, sign):
    """Log-ratios [N] such that the tokens of each sign of the advantage meet every clip region."""
    log_ratios = rng.choice(LOG_RATIOS, size=len(sign))
    for value in (-1, 1):
        (places,) = numpy.nonzero(sign == value)
        values = numpy.resize(rng.permutation(LOG_RATIOS), len(places))
        log_ratios[places] = values + 0.01 * rng.random(len(places)) * (values != 0)
    return log_ratios


def as_float32_values(array):
    """float64 tensor of values that float32 holds exactly, so that both precisions start from equal
    inputs."""
    return torch.tensor(numpy.asarray(array, dtype=numpy.float32).astype(numpy.float64))


def make_inputs(rng, name, settings):
    """Random inputs of one case as float64 and int64 tensors."""
    lengths = rng.permutation([1, 9, *rng.integers(2, 9, size=BATCH - 2)])
    truncated = numpy.zeros(BATCH, dtype=numpy.int64)
    truncated[rng.choice(BATCH, size=3, replace=False)] = 1
    if name == "masked-micro-batch":
        truncated[:] = 0
        truncated[9:] = 1
    rewards = make_rewards(rng, name)
    advantage = plain_grpo.advantages(rewards, NUM_GENERATIONS, "none").numpy()
    sign = numpy.where(abs(advantage) < 1e-9, 0, numpy.sign(advantage))
    if settings["mask_truncated_completions"]:
        sign = sign * (1 - truncated)
    log_ratios = make_log_ratios(rng, numpy.repeat(sign, lengths))
    if name == "on-policy":
        log_ratios[:] = 0
    lp_old = -1.75 - 4 * rng.random(len(log_ratios))
    lp = lp_old + log_ratios
    x = numpy.clip(0.7 * rng.standard_normal(len(lp)), -1.5, 3.0)
    lp_ref = numpy.minimum(lp - x, -0.01)
    if name == "kl-held-at-20":
        lp[SPECIAL_TOKEN + 1] = lp_old[SPECIAL_TOKEN + 1] = -30.0
        lp_ref[SPECIAL_TOKEN : SPECIAL_TOKEN + 2] = (
            lp[SPECIAL_TOKEN : SPECIAL_TOKEN + 2] - SPECIAL_X
        )
    return {
        "lp": as_float32_values(lp),
        "lp_old": as_float32_values(lp_old),
        "lp_ref": as_float32_values(lp_ref),
        "rewards": rewards,
        "truncated": torch.tensor(truncated),
        "offsets": torch.tensor(numpy.concatenate([[0], numpy.cumsum(lengths)])),
    }


def closed_form_gradient(inputs, settings):
    """d loss / d lp [N] from the rules of the paper instead of autograd: a second opinion on every
    case."""
    lp, lengths = inputs["lp"], inputs["offsets"].diff()
    ratio = (lp - inputs["lp_old"]).exp()
    x = lp - inputs["lp_ref"]
    advantage = plain_grpo.advantages(inputs["rewards"], NUM_GENERATIONS, settings["scale_rewards"])
    advantage = advantage.repeat_interleave(lengths)
    delta = settings["delta"] or float("inf")
    stopped = (advantage > 0) & (ratio > min(1 + settings["epsilon_high"], delta))
    stopped |= (advantage < 0) & (ratio < 1 - settings["epsilon"])
    stopped |= (advantage < 0) & (ratio > max(1 + settings["epsilon_high"], delta))
    coefficient = -ratio * advantage * ~stopped
    if settings["use_bias_correction_kl"] or settings["kl_estimator"] == "k2":
        kl_coefficient = ratio * x
    else:
        kl_coefficient = 1 - (-x).exp()
    coefficient = coefficient + settings["beta"] * kl_coefficient * (x.abs() < 20)
    masked = inputs["truncated"].bool() & settings["mask_truncated_completions"]
    mask = (~masked).double().repeat_interleave(lengths)
    ones = torch.ones_like(lp, requires_grad=True)
    total = plain_grpo.aggregate(ones, mask, inputs["offsets"].tolist(), settings)
    (weight,) = torch.autograd.grad(total, ones)
    return coefficient * weight


def meets_all_regions(name, inputs, settings):
    """Whether the loss tokens of a case lie in every clip region, for both signs, and all are well
    off the bounds."""
    ratio = (inputs["lp"] - inputs["lp_old"]).exp()
    low, high = 1 - settings["epsilon"], 1 + settings["epsilon_high"]
    bounds = [low, high] + ([settings["delta"]] if settings["delta"] else [])
    if any((ratio - bound).abs().min() < 1e-3 for bound in bounds):
        return False
    if name in ("equal-rewards", "on-policy", "epsilon-10"):
        return True
    lengths = inputs["offsets"].diff()
    masked = inputs["truncated"].bool() & settings["mask_truncated_completions"]
    kept = (~masked).repeat_interleave(lengths)
    advantage = plain_grpo.advantages(inputs["rewards"], NUM_GENERATIONS, "none").repeat_interleave(
        lengths
    )
    for signed in (kept & (advantage > 1e-6), kept & (advantage < -1e-6)):
        regions = [ratio < low, (ratio > low) & (ratio < high), ratio > high, ratio == 1]
        regions += [ratio > settings["delta"]] if settings["delta"] else []
        if not all((signed & region).any() for region in regions):
            return False
    return True


def draw_inputs(index, name, settings):
    """The first drawn inputs of a case that meet every clip region."""
    for attempt in range(100):
        inputs = make_inputs(numpy.random.default_rng([20240, index, attempt]), name, settings)
        if meets_all_regions(name, inputs, settings):
            return inputs
    raise SystemExit(f"expected inputs that meet every clip region, got none, in {name}")


def main():
    """Step 1. inputs; Step 2. loss and gradient; Step 3. checks against rules derived by hand."""
    golden_file.prepare()
    folder = golden_file.output_folder(__doc__)
    cases = grid_cases() | special_cases()
    tensors = {}
    for index, (name, settings) in enumerate(cases.items()):
        inputs = draw_inputs(index, name, settings)
        lp = inputs["lp"].clone().requires_grad_()
        loss, outputs = plain_grpo.loss_and_metrics(lp, inputs, settings)
        (outputs["dloss_dlp"],) = torch.autograd.grad(loss, lp)
        torch.testing.assert_close(
            outputs["dloss_dlp"], closed_form_gradient(inputs, settings), rtol=1e-12, atol=1e-15
        )
        tensors.update({f"{name}/{key}": value for key, value in (inputs | outputs).items()})
    metadata = golden_file.versions() | {"cases": json.dumps(cases)}
    golden_file.write(folder / "grpo_loss.safetensors", tensors, metadata)


if __name__ == "__main__":
    main()
