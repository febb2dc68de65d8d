"""The rules of the source tree, as functions that return a list of violations (texts).

Every function takes `root`, the folder of a source tree, and looks only at files: nothing here
needs a build. Standard library only.
"""

import pathlib
import re

# What each folder may include, apart from itself. The architecture is this table.
MAY_INCLUDE = {
    "core": set(),
    "sandbox": {"core"},
    "tasks": {"core"},
    "rewards": {"core", "sandbox"},
    "policy": {"core"},
    "watch": {"core"},
    "rollout": {"core", "policy"},
    "rl": {"core", "policy", "rollout", "tasks", "rewards"},
    "recipes": {"core", "sandbox", "policy", "rollout", "tasks", "rewards", "rl"},
}
PRODUCT = [*MAY_INCLUDE, "cli"]
FREE = ["cli", "tests", "benchmarks"]  # may include every folder
TORCH_FREE = ["core", "sandbox", "tasks", "rewards", "watch"]
# policy/ sees LibTorch, but the target reckon_policy_text, which reads untrusted text, does not.
TORCH_FREE_POLICY = re.compile(
    r"policy/((tokenizer|model_config|model_files|weight_files)[^/]*|(text|chat|gguf)/.*)")

MOST_LINES = {".h": 200, ".cpp": 400, ".cu": 400, ".py": 400, ".js": 400, ".css": 400}
FORBIDDEN_NAME = re.compile(r"(^|/)((utils?|common|helpers?)\.[a-z]+|misc/)")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
TORCH_HEADER = re.compile(r"(torch|ATen|c10|caffe2)/")
FAT_TORCH_HEADER = re.compile(r"torch/(torch|extension|nn)\.h")
LINKED = re.compile(r"\breckon(?:::|_)(%s)(?:_text)?\b" % "|".join(PRODUCT))


def files(root, folders, suffixes):
    """Files below `folders` with these suffixes, as (path relative to root, text), sorted."""
    found = []
    for folder in folders:
        for path in sorted((pathlib.Path(root) / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file():
                text = path.read_text(encoding="utf-8", errors="replace")
                found.append((path.relative_to(root).as_posix(), text))
    return found


def sources(root):
    return files(root, PRODUCT + ["tests", "benchmarks"], {".h", ".cpp", ".cu"})


def includes(text):
    """(header, quoted) of each include directive."""
    return [(header, mark == '"') for mark, header in INCLUDE.findall(text)]


def is_torch_free(name):
    return name.split("/")[0] in TORCH_FREE or bool(TORCH_FREE_POLICY.fullmatch(name))


def allowed(folder, other):
    return folder == other or folder in FREE or other in MAY_INCLUDE[folder]


def include_direction(root):
    wrong = []
    for name, text in sources(root):
        folder = name.split("/")[0]
        for header, quoted in includes(text):
            other = header.split("/")[0] if "/" in header else ""
            if quoted and other not in PRODUCT + ["tests", "benchmarks"]:
                wrong.append(f'{name}: expected a header of the project by its path from the '
                             f'root, got "{header}" (headers of others go into <>)')
            elif other in PRODUCT + ["tests", "benchmarks"] and not (
                    other in PRODUCT and allowed(folder, other) or folder in ("tests", other)):
                wrong.append(f'{name}: {folder}/ may not include "{header}"')
    return wrong


def link_direction(root):
    wrong = []
    for folder in MAY_INCLUDE:
        path = pathlib.Path(root) / folder / "CMakeLists.txt"
        text = re.sub(r"#.*", "", path.read_text()) if path.exists() else ""
        for other in sorted(set(LINKED.findall(text))):
            if not allowed(folder, other):
                wrong.append(f"{folder}/CMakeLists.txt: {folder} may not link reckon::{other}")
    return wrong


def torch_headers(root):
    wrong = []
    for name, text in sources(root):
        for header, _ in includes(text):
            if TORCH_HEADER.match(header) and is_torch_free(name):
                wrong.append(f"{name}: a torch-free file includes {header}")
            if FAT_TORCH_HEADER.fullmatch(header) and name.endswith(".h"):
                wrong.append(f"{name}: {header} is too large for a header; include less")
    return wrong


def headers(root):
    wrong = []
    for name, text in sources(root):
        if not name.endswith(".h"):
            continue
        if "#pragma once" not in text:
            wrong.append(f"{name}: no #pragma once")
        if re.search(r"^\s*using namespace", text, re.MULTILINE):
            wrong.append(f"{name}: using namespace in a header")
        if ("nlohmann/json.hpp", False) in includes(text):
            wrong.append(f"{name}: nlohmann/json.hpp in a header; json_fwd.hpp is enough there")
    return wrong


def sizes_and_names(root):
    wrong = []
    every_folder = PRODUCT + ["tests", "benchmarks", "scripts"]
    for name, text in files(root, every_folder, set(MOST_LINES)):
        lines, most = text.count("\n"), MOST_LINES[pathlib.Path(name).suffix]
        if lines > most:
            wrong.append(f"{name}: expected at most {most} lines, got {lines}")
        if FORBIDDEN_NAME.search(name):
            wrong.append(f"{name}: a file is named after the thing in it")
    return wrong


def environment(root):
    """Environment variables are read in cli/ only and become configuration."""
    return [f"{name}: reads the environment, which only cli/ may"
            for name, text in files(root, list(MAY_INCLUDE), {".h", ".cpp", ".cu"})
            if re.search(r"\b(secure_)?getenv\s*\(", text)]


def torch_free_headers(root):
    """Names of the headers that must compile alone, without LibTorch."""
    return [name for name, _ in files(root, PRODUCT, {".h"}) if is_torch_free(name)]
