"""Makes model_{llama,qwen2,qwen3}_tiny: config.json, model.safetensors and logits.safetensors of
random tiny models."""

import json

import numpy
import torch
import transformers

import golden_file
import plain_transformer

SHAPE = {
    "vocab_size": 170,
    "hidden_size": 32,
    "intermediate_size": 88,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
MODELS = {
    "model_llama_tiny": (
        transformers.LlamaForCausalLM,
        {"rms_norm_eps": 1e-5, "rope_theta": 5000.0, "tie_word_embeddings": False},
    ),
    "model_qwen2_tiny": (
        transformers.Qwen2ForCausalLM,
        {"rms_norm_eps": 1e-6, "rope_theta": 50000.0, "tie_word_embeddings": True},
    ),
    "model_qwen3_tiny": (
        transformers.Qwen3ForCausalLM,
        {"rms_norm_eps": 1e-6, "rope_theta": 20000.0, "tie_word_embeddings": False, "head_dim": 16},
    ),
}


def make_config(model_class, settings):
    """A configuration of the model class, its shape and the settings."""
    settings = dict(settings)
    rope = {"rope_type": "default", "rope_theta": settings.pop("rope_theta")}
    config = model_class.config_class(**SHAPE, **settings, rope_parameters=rope)
    config.architectures = [model_class.__name__]
    config.dtype = torch.float32
    return config


def random_weights(rng, model):
    """New values for every parameter; norms off 1 and biases off 0, so that forgetting one
    shows."""
    weights = {}
    for name, parameter in model.named_parameters():
        noise = rng.standard_normal(tuple(parameter.shape))
        if name.endswith("norm.weight"):
            values = 1 + 0.3 * noise
        elif name.endswith(".bias"):
            values = 0.3 * noise
        elif name == "model.embed_tokens.weight":
            values = (0.2 if model.config.tie_word_embeddings else 0.05) * noise
        else:
            values = 1.3 * noise / parameter.shape[1] ** 0.5
        weights[name] = torch.tensor(values.astype(numpy.float32))
    return weights


def use_older_keys(path):
    """Rewrites a config.json to the keys in use before transformers 5, so that both spellings have
    a golden file."""
    config = json.loads(path.read_text())
    config["rope_theta"] = config.pop("rope_parameters")["rope_theta"]
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def mean_cross_entropy(logits, ids):
    """Mean of -log p of each next token over both rows."""
    return torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())


def expected_values(folder, weights, config, ids):
    """float32 logits of transformers; logits, loss and gradients of the plain model in float64."""
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    )
    model_logits = model(ids).logits
    model_loss = mean_cross_entropy(model_logits, ids)
    model_loss.backward()
    leaves = plain_transformer.as_leaves(weights)
    logits = torch.stack([plain_transformer.logits(leaves, config, row) for row in ids])
    loss = mean_cross_entropy(logits, ids)
    loss.backward()
    torch.testing.assert_close(model_logits.double(), logits, rtol=0, atol=5e-6)
    values = {"input_ids": ids, "logits": model_logits, "logits_f64": logits, "loss": loss}
    for name, parameter in model.named_parameters():
        gradient = leaves[name].grad
        torch.testing.assert_close(parameter.grad.double(), gradient, rtol=1e-4, atol=1e-6)
        values[f"grad/{name}"] = gradient
    return values


def main():
    """Writes each folder and checks that transformers loads it and agrees with the plain model."""
    golden_file.prepare()
    out = golden_file.output_folder(__doc__)
    transformers.utils.logging.disable_progress_bar()
    for index, (name, (model_class, settings)) in enumerate(MODELS.items()):
        folder = out / name
        folder.mkdir(exist_ok=True)
        rng = numpy.random.default_rng([31, index])
        config = make_config(model_class, settings)
        weights = random_weights(rng, model_class(config))
        config.save_pretrained(folder)
        if name == "model_qwen2_tiny":
            use_older_keys(folder / "config.json")
        golden_file.write(folder / "model.safetensors", weights, {"format": "pt"})
        ids = torch.tensor(rng.integers(3, SHAPE["vocab_size"], size=(2, 23)))
        config = json.loads((folder / "config.json").read_text())
        values = expected_values(folder, weights, config, ids)
        metadata = golden_file.versions() | {"transformers": transformers.__version__}
        golden_file.write(folder / "logits.safetensors", values, metadata)


if __name__ == "__main__":
    main()
