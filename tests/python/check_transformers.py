"""Checks that transformers loads a folder saved by reckon and computes the same log-probabilities.

    python tests/python/check_transformers.py MODEL_FOLDER LOGPROBS.jsonl

MODEL_FOLDER holds config.json, model.safetensors and the tokenizer's files. Each line of
LOGPROBS.jsonl is an object with "ids", token ids from the start of the sequence, and "logprobs",
the natural log-probabilities of the last len(logprobs) of these ids; null where there is none (the
first id has no predecessor). If a line has "text", the tokenizer must encode it to "ids" too.

Prints the largest difference. Exit status: 0 agreement, 1 a difference above the tolerance, 2 bad
input.
"""

import argparse
import json
import math
import pathlib
import sys

import torch
import transformers

MAX_IDS = 100_000


class BadInput(Exception):
    """What is wrong with the input, as "expected X, got Y, in FILE"."""


def parse_arguments():
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=pathlib.Path, help="Hugging Face folder")
    parser.add_argument("logprobs", type=pathlib.Path, help="JSON lines with ids and logprobs")
    parser.add_argument(
        "--tolerance", type=float, default=1e-4, help="largest difference, in nats (default 1e-4)"
    )
    parser.add_argument(
        "--temperature", type=float, default=1.0, help="divides the logits (default 1)"
    )
    parser.add_argument("--device", default="cpu", help="torch device (default cpu)")
    return parser.parse_args()


def is_int(value):
    """Whether a JSON value is an integer (a JSON true is an int for Python)."""
    return isinstance(value, int) and not isinstance(value, bool)


def check_line(row, place, vocab_size):
    """Raises BadInput unless a parsed line has the promised form."""
    if not isinstance(row, dict):
        raise BadInput(f"expected an object, got {type(row).__name__}, in {place}")
    ids, logprobs = row.get("ids"), row.get("logprobs")
    if not isinstance(ids, list) or not 2 <= len(ids) <= MAX_IDS or not all(map(is_int, ids)):
        raise BadInput(f"expected 2 to {MAX_IDS} token ids, got {str(ids)[:60]}, in {place}/ids")
    if not all(0 <= token < vocab_size for token in ids):
        raise BadInput(
            f"expected ids in [0, {vocab_size}), got {min(ids)} to {max(ids)}, in {place}/ids"
        )
    if not isinstance(logprobs, list) or not 1 <= len(logprobs) <= len(ids):
        raise BadInput(
            f"expected 1 to {len(ids)} log-probabilities, got {str(logprobs)[:60]}, "
            f"in {place}/logprobs"
        )
    if not all(value is None or is_int(value) or isinstance(value, float) for value in logprobs):
        raise BadInput(f"expected numbers or null, got {str(logprobs)[:60]}, in {place}/logprobs")
    if len(logprobs) == len(ids) and logprobs[0] is not None:
        raise BadInput(f"expected null for the first id, got {logprobs[0]}, in {place}/logprobs")


def read_lines(path, vocab_size):
    """Yields (place, object) for each line of the file."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"expected a readable text file, got {error}, in {path}") from error
    for number, line in enumerate(text.splitlines(), start=1):
        place = f"{path}:{number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadInput(f"expected a JSON object, got {error}, in {place}") from error
        check_line(row, place, vocab_size)
        yield place, row


def largest_difference(model, row, temperature):
    """The largest |difference| of one line, and how many values it compared; not-a-number counts as
    infinite."""
    ids = torch.tensor([row["ids"]], device=model.device)
    with torch.no_grad():
        logits = model(ids).logits[0, :-1].double() / temperature
    expected = logits.log_softmax(dim=-1).gather(1, ids[0, 1:, None])[:, 0].tolist()
    wanted = [
        (e, g) for e, g in zip(reversed(expected), reversed(row["logprobs"])) if g is not None
    ]
    differences = [
        abs(e - g) if math.isfinite(e) and math.isfinite(g) else math.inf for e, g in wanted
    ]
    return max(differences, default=0.0), len(differences)


def check_tokenizer(tokenizer, model, rows):
    """The number of lines whose "text" the tokenizer encodes to other ids; prints the first of
    them."""
    if len(tokenizer) > model.config.vocab_size:
        raise BadInput(
            f"expected at most {model.config.vocab_size} tokens, got {len(tokenizer)}, "
            "in the tokenizer"
        )
    wrong = 0
    for place, row in rows:
        if "text" not in row:
            continue
        got = tokenizer.encode(row["text"], add_special_tokens=False)
        if got != row["ids"]:
            wrong += 1
            if wrong == 1:
                print(f"tokenizer: expected {row['ids'][:20]}, got {got[:20]}, in {place}/text")
    return wrong


def load(folder):
    """Model and tokenizer; a weight too many or too few is bad input, which transformers would only
    warn about."""
    try:
        model, info = transformers.AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True, output_loading_info=True
        )
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise BadInput(
            f"expected a folder that transformers loads, got {error}, in {folder}"
        ) from error
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if info[kind]:
            raise BadInput(
                f"expected no {kind}, got {sorted(map(str, info[kind]))[:5]}, in {folder}"
            )
    return model.eval(), tokenizer


def check(arguments):
    """Compares every line; returns the exit status."""
    torch.set_grad_enabled(False)
    model, tokenizer = load(arguments.folder)
    model = model.to(arguments.device)
    rows = list(read_lines(arguments.logprobs, model.config.vocab_size))
    wrong_texts = check_tokenizer(tokenizer, model, rows)
    largest, compared, worst = 0.0, 0, "-"
    for place, row in rows:
        difference, count = largest_difference(model, row, arguments.temperature)
        compared += count
        if difference > largest:
            largest, worst = difference, place
    if compared == 0:
        raise BadInput(f"expected at least one log-probability, got none, in {arguments.logprobs}")
    print(
        f"max difference {largest:.3e} in {compared} log-probabilities of {len(rows)} lines, "
        f"worst in {worst}"
    )
    return 0 if largest <= arguments.tolerance and wrong_texts == 0 else 1


def main():
    """Runs the check and turns bad input into exit status 2."""
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    arguments = parse_arguments()
    try:
        return check(arguments)
    except BadInput as error:
        print(f"check_transformers: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
