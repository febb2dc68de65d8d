#!/usr/bin/env python3
"""Tests of the source tree itself.

    structure_test.py rules                          the rules of rules.py, on the real tree
    structure_test.py planted -- COMPILER FLAG...    a small tree with planted faults: all are found
    structure_test.py headers -- COMPILER FLAG...    each torch-free header compiles alone

The flags must not lead to LibTorch's headers. Cases are printed as tests/case_reporter.cpp does.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import rules

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPILE_SECONDS = 120

RULES = {
    "every include follows the direction of the architecture": rules.include_direction,
    "every library links only what its folder may include": rules.link_direction,
    "torch-free files include no LibTorch header": rules.torch_headers,
    "headers are guarded, open no namespace and keep nlohmann out": rules.headers,
    "files keep to the size limits and are named after a thing": rules.sizes_and_names,
    "only cli reads the environment": rules.environment,
}

CLEAN_TREE = {
    "core/a.h": "#pragma once\n#include <string>\n",
    "core/a.cpp": '#include "core/a.h"\n#include <nlohmann/json.hpp>\n',
    "rl/step.h": '#pragma once\n#include "policy/model.h"\n#include "tasks/problem.h"\n',
    "policy/model.h": "#pragma once\n#include <ATen/core/Tensor.h>\n",
    "policy/text/bpe.h": '#pragma once\n#include "core/a.h"\n',
    "tasks/problem.h": "#pragma once\n",
    "cli/main.cpp": '#include "rl/step.h"\n#include "watch/page.h"\nauto v = getenv("X");\n',
    "watch/page.h": "#pragma once\n",
    "tests/core/a_test.cpp": '#include "rl/step.h"\n#include "tests/threads.h"\n',
    "rl/CMakeLists.txt": "reckon_library(rl SOURCES step.cpp LINK reckon::policy)\n",
}

# (path, text, rule that must report it)
PLANTED = [
    ("core/b.h", '#pragma once\n#include "rl/step.h"\n', rules.include_direction),
    ("core/b.h", "#pragma once\n#include <policy/model.h>\n", rules.include_direction),
    ("tasks/b.cpp", '# include "rewards/x.h"\n', rules.include_direction),
    ("watch/b.cpp", '#include "policy/tokenizer.h"\n', rules.include_direction),
    ("rl/b.cpp", '#include "tests/threads.h"\n', rules.include_direction),
    ("core/b.cpp", '#include "a.h"\n', rules.include_direction),
    ("rl/b.cpp", '#include "../core/a.h"\n', rules.include_direction),
    ("core/CMakeLists.txt", "reckon_library(core LINK reckon_policy_text)\n",
     rules.link_direction),
    ("tasks/b.cpp", "#include <torch/types.h>\n", rules.torch_headers),
    ("policy/tokenizer_json.cpp", "#include <c10/util/Half.h>\n", rules.torch_headers),
    ("rl/b.h", "#pragma once\n#include <torch/torch.h>\n", rules.torch_headers),
    ("core/b.h", "#include <string>\n", rules.headers),
    ("core/b.h", "#pragma once\nusing namespace std;\n", rules.headers),
    ("core/b.h", "#pragma once\n#include <nlohmann/json.hpp>\n", rules.headers),
    ("rl/b.h", "#pragma once\n" + "\n" * 200, rules.sizes_and_names),
    ("rl/b.cpp", "\n" * 401, rules.sizes_and_names),
    ("rl/utils.h", "#pragma once\n", rules.sizes_and_names),
    ("rl/misc/b.h", "#pragma once\n", rules.sizes_and_names),
    ("rl/b.cpp", 'auto v = std::getenv("X");\n', rules.environment),
]


def write_tree(root, tree):
    for name, text in tree.items():
        path = pathlib.Path(root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def compile_header(root, header, compiler):
    """Violations (none or one) of a header that must compile as the only include of a file."""
    command = [*compiler, "-I", str(root), "-fsyntax-only", "-x", "c++", "-"]
    source = f'#include "{header}"\n'
    try:
        done = subprocess.run(command, input=source, capture_output=True, text=True,
                              timeout=COMPILE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return [f"{header}: the compiler took over {COMPILE_SECONDS} s"]
    return [] if done.returncode == 0 else [f"{header} does not compile alone:\n{done.stderr}"]


def header_cases(compiler):
    """Cases that compile the headers in parallel, and wait for theirs."""
    pool = concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0)))
    return {f"{header} compiles alone, without LibTorch":
            pool.submit(compile_header, ROOT, header, compiler).result
            for header in rules.torch_free_headers(ROOT)}


def planted_fault(name, text, rule):
    with tempfile.TemporaryDirectory(prefix="reckon-structure-") as root:
        write_tree(root, CLEAN_TREE)
        write_tree(root, {name: text})
        found = rule(root)
    return [] if found else [f"{rule.__name__} did not see {text!r} in {name}"]


def clean_tree():
    with tempfile.TemporaryDirectory(prefix="reckon-structure-") as root:
        write_tree(root, CLEAN_TREE)
        return [text for rule in RULES.values() for text in rule(root)]


def planted_header(text, compiler):
    with tempfile.TemporaryDirectory(prefix="reckon-structure-") as root:
        write_tree(root, {"core/b.h": text})
        good = compile_header(root, "core/b.h", compiler) == []
    return ["a header that needs another one passed"] if good else []


def whole_header(compiler):
    with tempfile.TemporaryDirectory(prefix="reckon-structure-") as root:
        write_tree(root, CLEAN_TREE)
        return compile_header(root, "core/a.h", compiler)


def planted_cases(compiler):
    cases = {"a clean tree breaks no rule": clean_tree}
    for number, fault in enumerate(PLANTED, 1):
        title = f"planted fault {number} is found by {fault[2].__name__}"
        cases[title] = lambda fault=fault: planted_fault(*fault)
    for what, text in {"forgets an include": "#pragma once\nstd::string a();\n",
                       "includes LibTorch": "#pragma once\n#include <torch/types.h>\n"}.items():
        cases[f"a header that {what} does not compile alone"] = (
            lambda text=text: planted_header(text, compiler))
    cases["a whole header compiles alone"] = lambda: whole_header(compiler)
    return cases


def run(cases):
    failed = 0
    print("[cases]\tbegin")
    for title, case in cases.items():
        start = time.monotonic()
        violations = case()
        for violation in violations:
            print(violation)
        result = "failed" if violations else "passed"
        print(f"[case]\t{result}\t{time.monotonic() - start:.3f}\t\t{title}\t", flush=True)
        failed += bool(violations)
    print("[cases]\tend")
    return 1 if failed or not cases else 0


def main(arguments):
    mode, compiler = arguments[0] if arguments else "", arguments[2:]
    if mode == "rules":
        return run({title: lambda rule=rule: rule(ROOT) for title, rule in RULES.items()})
    if mode == "planted" and compiler:
        return run(planted_cases(compiler))
    if mode == "headers" and compiler:
        return run(header_cases(compiler))
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
