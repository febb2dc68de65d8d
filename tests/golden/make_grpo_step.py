"""Makes grpo_step.safetensors: two GRPO updates (num_iterations 2) of model_llama_tiny on one
rollout, in float64.

make_model.py must have written model_llama_tiny into the same folder before.
"""

import json

import numpy
import safetensors.torch
import torch

import golden_file
import make_adamw
import plain_grpo
import plain_transformer

END = 2
SETTINGS = {
    "loss_type": "dr_grpo",
    "loss_aggregation": "constant",
    "scale_rewards": "none",
    "epsilon": 0.2,
    "epsilon_high": 0.28,
    "delta": None,
    "beta": 0.0,
    "mask_truncated_completions": False,
    "num_prompts": 3,
    "num_generations": 4,
    "num_iterations": 2,
    "max_completion_length": 10,
    "temperature": 0.8,
    "learning_rates": [1e-3, 5e-4],
    "adam_beta1": 0.9,
    "adam_beta2": 0.999,
    "adam_epsilon": 1e-8,
    "weight_decay": 0.1,
    "max_grad_norm": 1.0,
}


def behaviour_weights(rng, weights):
    """The policy that sampled: the weights with noise, so that ratios lie on both sides of the clip
    range."""
    return {
        name: w.double() * torch.tensor(1 + 0.08 * rng.standard_normal(tuple(w.shape)))
        for name, w in weights.items()
    }


def make_rollout(rng):
    """Random prompts and completions; about half of the completions end with the end token, none is
    longer than Lmax."""
    longest = SETTINGS["max_completion_length"]
    prompts = [rng.integers(3, 170, size=size).tolist() for size in (5, 2, 7)]
    batch = SETTINGS["num_prompts"] * SETTINGS["num_generations"]
    lengths = rng.permutation(
        [1, 2, longest, longest, *rng.integers(2, longest, size=batch - 4)]
    ).tolist()
    completions = [rng.integers(3, 170, size=length).tolist() for length in lengths]
    for completion in completions:
        if len(completion) < longest:
            completion[-1] = END
    rewards = rng.permuted(
        numpy.array([[1, 0, 0, 1], [0.1, 1, 0, 0.1], [0, 0, 1, 0]]), axis=1
    ).reshape(-1)
    return prompts, completions, torch.tensor(rewards)


def token_values(weights, config, prompts, completions):
    """Log-probability and entropy [N] of every completion token under the temperature-scaled
    distribution."""
    logprobs, entropies = [], []
    for index, completion in enumerate(completions):
        prompt = prompts[index // SETTINGS["num_generations"]]
        ids = torch.tensor(prompt + completion)
        logits = plain_transformer.logits(weights, config, ids)[len(prompt) - 1 : -1]
        scaled = (logits / SETTINGS["temperature"]).log_softmax(dim=-1)
        logprobs.append(scaled.gather(1, torch.tensor(completion)[:, None])[:, 0])
        entropies.append(-(scaled.exp() * scaled).sum(dim=-1))
    return torch.cat(logprobs), torch.cat(entropies)


def offsets_of(sequences):
    """Start of each sequence in the packed tokens, and their number at the end: [B + 1]."""
    return torch.tensor(numpy.cumsum([0] + [len(sequence) for sequence in sequences]))


def update(parameters, optimizer, config, rollout, inputs, learning_rate):
    """One optimizer step; returns what was computed on the way and the parameters after it."""
    prompts, completions = rollout
    logprobs, entropies = token_values(parameters, config, prompts, completions)
    loss, values = plain_grpo.loss_and_metrics(logprobs, inputs, SETTINGS)
    optimizer.zero_grad()
    loss.backward()
    values |= {"logprobs": logprobs, "entropies": entropies}
    values |= {f"grad/{name}": parameter.grad.clone() for name, parameter in parameters.items()}
    values["grad_norm"] = make_adamw.step(
        optimizer, parameters, learning_rate, SETTINGS["max_grad_norm"]
    )
    values |= {
        f"after/{name}": parameter.detach().clone() for name, parameter in parameters.items()
    }
    return values


def check_clipped(values, inputs):
    """Stops unless both clip bounds act, no ratio is so near to one that float32 could decide
    otherwise, and the gradient norm is bounded."""
    ratio = (values["logprobs"] - inputs["lp_old"]).exp()
    for bound in (1 - SETTINGS["epsilon"], 1 + SETTINGS["epsilon_high"]):
        assert (ratio - bound).abs().min() > 1e-3, bound
    assert values["clip_ratio/low_mean"] > 0.02 and values["clip_ratio/high_mean"] > 0.02, values
    assert values["clip_ratio/region_mean"] < 0.9
    assert values["grad_norm"] > SETTINGS["max_grad_norm"]


def main():
    """Step 1. a rollout of a nearby policy; Step 2. two updates on it; Step 3. the file."""
    golden_file.prepare()
    folder = golden_file.output_folder(__doc__)
    config = json.loads((folder / "model_llama_tiny" / "config.json").read_text())
    weights = safetensors.torch.load_file(folder / "model_llama_tiny" / "model.safetensors")
    # This seed keeps every ratio off the clip bounds, as check_clipped demands.
    rng = numpy.random.default_rng(61)
    prompts, completions, rewards = make_rollout(rng)
    sampler, _ = token_values(behaviour_weights(rng, weights), config, prompts, completions)
    inputs = {
        "lp_old": sampler.float().double(),
        "rewards": rewards,
        "offsets": offsets_of(completions),
        "truncated": torch.tensor([int(completion[-1] != END) for completion in completions]),
    }
    tensors = {
        "prompt_ids": torch.tensor(sum(prompts, [])),
        "prompt_offsets": offsets_of(prompts),
        "completion_ids": torch.tensor(sum(completions, [])),
        "completion_offsets": inputs["offsets"],
        "truncated": inputs["truncated"],
        "rewards": rewards,
        "sampler_logprobs": inputs["lp_old"],
    }
    parameters = plain_transformer.as_leaves(weights)
    optimizer = make_adamw.make_optimizer(parameters, SETTINGS)
    for number, learning_rate in enumerate(SETTINGS["learning_rates"], start=1):
        values = update(
            parameters, optimizer, config, (prompts, completions), inputs, learning_rate
        )
        check_clipped(values, inputs)
        tensors["advantages"] = values.pop("advantages")
        if number == 2:
            values = {name: value for name, value in values.items() if not name.startswith("grad/")}
        tensors |= {f"update{number}/{name}": value for name, value in values.items()}
    metadata = golden_file.versions() | {
        "settings": json.dumps(SETTINGS),
        "model": "model_llama_tiny",
    }
    golden_file.write(folder / "grpo_step.safetensors", tensors, metadata)


if __name__ == "__main__":
    main()
