"""Writes rope.json: rotary frequencies of the scaled kinds, as transformers computes them.

    python tests/golden/make_rope_reference.py
"""

import json
from pathlib import Path

from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

CASES = [
    {"rope_type": "linear", "factor": 4.0},
    {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
     "original_max_position_embeddings": 8192},
    {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.5, "high_freq_factor": 3.0,
     "original_max_position_embeddings": 256},
    {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768},
    {"rope_type": "yarn", "factor": 16.0, "original_max_position_embeddings": 512,
     "beta_fast": 24.0, "beta_slow": 2.0, "truncate": False},
    {"rope_type": "yarn", "factor": 40.0, "original_max_position_embeddings": 4096,
     "mscale": 0.707, "mscale_all_dim": 1.0},
    {"rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 64,
     "attention_factor": 1.25},
]


def main() -> None:
    out = []
    for head_dim, theta in ((64, 10000.0), (16, 500000.0)):
        for scaling in CASES:
            config = LlamaConfig(hidden_size=4 * head_dim, num_attention_heads=4, head_dim=head_dim,
                                 max_position_embeddings=131072,
                                 rope_parameters={"rope_theta": theta, **scaling})
            frequencies, factor = ROPE_INIT_FUNCTIONS[scaling["rope_type"]](config, "cpu")
            out.append({"head_dim": head_dim, "theta": theta, "rope_scaling": scaling,
                        "attention_factor": factor, "frequencies": frequencies.tolist()})
    text = ",\n".join(json.dumps(case) for case in out)
    Path(__file__).with_name("rope.json").write_text(f"[\n{text}\n]\n")


if __name__ == "__main__":
    main()
