"""A decoder-only transformer (Llama, Qwen2, Qwen3) in plain float64 operators, from weights under
their published names.

`transformers` computes norms, softmax and rotary angles in float32 whatever the dtype of the model,
so its "float64" is none; here every operation is float64. make_model.py compares the two.
"""

import torch


def rms_norm(x, weight, eps):
    """x / sqrt(mean(x^2) + eps) * weight over the last dimension."""
    return x * torch.rsqrt((x * x).mean(dim=-1, keepdim=True) + eps) * weight


def rope_theta(config):
    """The base of the rotary angles, from either of the two places where a config.json may hold
    it."""
    return config.get("rope_parameters", config)["rope_theta"]


def rotate(x, theta):
    """Rotary embedding of x [H, T, D] at positions 0..T-1; element d pairs with element d + D/2."""
    length, size = x.shape[-2:]
    frequencies = theta ** (-torch.arange(0, size, 2, dtype=x.dtype) / size)
    angles = torch.outer(torch.arange(length, dtype=x.dtype), frequencies)
    cos, sin = angles.cos(), angles.sin()
    first, second = x.split(size // 2, dim=-1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


def project(x, weights, name, heads=None):
    """x W^T (+ bias where there is one) for the linear layer `name`; split into [heads, T, D] where
    heads is given."""
    y = x @ weights[f"{name}.weight"].T
    if f"{name}.bias" in weights:
        y = y + weights[f"{name}.bias"]
    return y if heads is None else y.view(len(x), heads, -1).transpose(0, 1)


def attention(x, weights, prefix, config):
    """Causal attention with grouped keys and values for one sequence x [T, C]."""
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    q = project(x, weights, f"{prefix}.q_proj", heads)
    k = project(x, weights, f"{prefix}.k_proj", kv_heads)
    v = project(x, weights, f"{prefix}.v_proj", kv_heads)
    if f"{prefix}.q_norm.weight" in weights:
        q = rms_norm(q, weights[f"{prefix}.q_norm.weight"], config["rms_norm_eps"])
        k = rms_norm(k, weights[f"{prefix}.k_norm.weight"], config["rms_norm_eps"])
    q, k = rotate(q, rope_theta(config)), rotate(k, rope_theta(config))
    k = k.repeat_interleave(heads // kv_heads, dim=0)
    v = v.repeat_interleave(heads // kv_heads, dim=0)
    scores = q @ k.transpose(1, 2) / q.shape[-1] ** 0.5
    future = torch.ones(len(x), len(x), dtype=torch.bool).triu(1)
    out = scores.masked_fill(future, -float("inf")).softmax(dim=-1) @ v
    return project(out.transpose(0, 1).reshape(len(x), -1), weights, f"{prefix}.o_proj")


def logits(weights, config, ids):
    """Logits [T, V] of one sequence of token ids [T]."""
    eps = config["rms_norm_eps"]
    x = weights["model.embed_tokens.weight"][ids]
    for layer in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{layer}"
        normed = rms_norm(x, weights[f"{prefix}.input_layernorm.weight"], eps)
        x = x + attention(normed, weights, f"{prefix}.self_attn", config)
        normed = rms_norm(x, weights[f"{prefix}.post_attention_layernorm.weight"], eps)
        gate = torch.nn.functional.silu(project(normed, weights, f"{prefix}.mlp.gate_proj"))
        x = x + project(
            gate * project(normed, weights, f"{prefix}.mlp.up_proj"),
            weights,
            f"{prefix}.mlp.down_proj",
        )
    head = "model.embed_tokens.weight" if config["tie_word_embeddings"] else "lm_head.weight"
    return rms_norm(x, weights["model.norm.weight"], eps) @ weights[head].T


def as_leaves(weights):
    """Copies of the weights in float64 that collect gradients."""
    return {name: weight.double().clone().requires_grad_() for name, weight in weights.items()}
