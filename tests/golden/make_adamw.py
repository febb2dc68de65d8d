"""Makes adamw.safetensors: ten AdamW steps with warm-up, decay, weight decay and gradient clipping
in float64."""

import json

import numpy
import torch

import golden_file

STEPS, WARMUP, PEAK = 10, 3, 1e-2
SETTINGS = {
    "adam_beta1": 0.9,
    "adam_beta2": 0.95,
    "adam_epsilon": 1e-8,
    "weight_decay": 0.1,
    "max_grad_norm": 1.0,
}
SHAPES = {"embedding": (11, 4), "linear": (5, 7), "norm": (4,), "bias": (6,)}
# Gradient norms around 1, so that clipping binds in some steps and not in others.
GRADIENT_NORMS = [0.4, 3.0, 0.9, 1.5, 0.05, 12.0, 0.7, 1.1, 0.2, 2.0]
STEP_WITHOUT_LINEAR_GRADIENT = 6


def learning_rates():
    """Linear warm-up to PEAK, then linear decay that would reach 0 one step after the last."""
    factors = [min((step + 1) / WARMUP, (STEPS - step) / (STEPS - WARMUP)) for step in range(STEPS)]
    return torch.tensor(factors, dtype=torch.float64) * PEAK


def make_gradients(rng):
    """Gradients [STEPS, ...] of each tensor, of the wanted overall norm, in values that float32
    holds exactly."""
    gradients = {name: rng.standard_normal((STEPS, *shape)) for name, shape in SHAPES.items()}
    gradients["linear"][STEP_WITHOUT_LINEAR_GRADIENT] = 0
    for step, wanted in enumerate(GRADIENT_NORMS):
        norm = sum((gradient[step] ** 2).sum() for gradient in gradients.values()) ** 0.5
        for gradient in gradients.values():
            gradient[step] *= wanted / norm
    return {
        name: torch.tensor(value.astype(numpy.float32)).double()
        for name, value in gradients.items()
    }


def make_optimizer(parameters, settings):
    """AdamW with weight decay on tensors of two and more dimensions only."""
    decayed = [p for p in parameters.values() if p.dim() > 1]
    others = [p for p in parameters.values() if p.dim() == 1]
    groups = [
        {"params": decayed, "weight_decay": settings["weight_decay"]},
        {"params": others, "weight_decay": 0.0},
    ]
    betas = (settings["adam_beta1"], settings["adam_beta2"])
    return torch.optim.AdamW(
        groups, lr=0.0, betas=betas, eps=settings["adam_epsilon"], foreach=False, fused=False
    )


def step(optimizer, parameters, learning_rate, max_grad_norm):
    """One clipped update from the gradients in place; returns the gradient norm before clipping."""
    norm = torch.nn.utils.clip_grad_norm_(list(parameters.values()), max_grad_norm)
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    optimizer.step()
    return norm


def by_hand(start, gradients, rates, norms, decay):
    """The same steps written out: a check of what the optimiser of PyTorch was asked to do."""
    value, m, v = start.clone(), torch.zeros_like(start), torch.zeros_like(start)
    beta1, beta2 = SETTINGS["adam_beta1"], SETTINGS["adam_beta2"]
    for t, (gradient, rate, norm) in enumerate(zip(gradients, rates, norms), start=1):
        gradient = gradient * min(1.0, SETTINGS["max_grad_norm"] / (norm + 1e-6))
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        value = value * (1 - rate * decay)
        value = value - rate * (m / (1 - beta1**t)) / (
            (v / (1 - beta2**t)).sqrt() + SETTINGS["adam_epsilon"]
        )
    return value


def main():
    """Runs the steps and keeps the parameters after each."""
    golden_file.prepare()
    folder = golden_file.output_folder(__doc__)
    rng = numpy.random.default_rng(47)
    start = {
        n: torch.tensor(rng.standard_normal(s).astype(numpy.float32)).double()
        for n, s in SHAPES.items()
    }
    gradients = make_gradients(rng)
    rates = learning_rates()
    parameters = {name: value.clone().requires_grad_() for name, value in start.items()}
    optimizer = make_optimizer(parameters, SETTINGS)
    norms, history = [], {name: [] for name in SHAPES}
    for t in range(STEPS):
        for name, parameter in parameters.items():
            parameter.grad = gradients[name][t].clone()
        norms.append(step(optimizer, parameters, rates[t].item(), SETTINGS["max_grad_norm"]))
        for name, parameter in parameters.items():
            history[name].append(parameter.detach().clone())
    tensors = {"learning_rates": rates, "grad_norms": torch.stack(norms)}
    for name in SHAPES:
        decay = SETTINGS["weight_decay"] if start[name].dim() > 1 else 0.0
        expected = by_hand(start[name], gradients[name], rates, norms, decay)
        torch.testing.assert_close(parameters[name].detach(), expected, rtol=1e-12, atol=1e-14)
        tensors[f"start/{name}"] = start[name]
        tensors[f"gradients/{name}"] = gradients[name]
        tensors[f"after/{name}"] = torch.stack(history[name])
    metadata = golden_file.versions() | {"settings": json.dumps(SETTINGS)}
    golden_file.write(folder / "adamw.safetensors", tensors, metadata)


if __name__ == "__main__":
    main()
