"""What the documents show, taken out of their text, and checks of it as functions that return a list
of violations (texts). Standard library only.
"""

import os
import pathlib
import re
import shlex
import subprocess
import tempfile

SECONDS = 60
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
SOURCE = re.compile(
    r"(core|tasks|rewards|policy|rollout|rl|recipes|cli|watch|tests|benchmarks|scripts|docs|cmake)"
    r"(/[\w.-]+)+/?")
SUFFIXES = re.compile(r"(.*)\.h/\.cpp")  # `a.h/.cpp` stands for both
GRADED = re.compile(r"```sh\n(echo .* \| reckon grade .*)\n```\n```json\n(.*?)\n```")
TABLE_FUNCTION = re.compile(r"`([\w:]+)`, `([\w/]+\.(?:cpp|h))`")


def documents(root):
    """The Markdown files for users, as (path relative to root, text)."""
    root = pathlib.Path(root)
    paths = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    return [(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
            for path in paths if path.exists()]


def blocks(text, language):
    return [body for name, body in FENCE.findall(text) if name == language]


def prose(text):
    return FENCE.sub("", text)


def anchor(heading):
    kept = re.sub(r"[^\w\- ]", "", heading.lower().replace("`", ""))
    return kept.strip().replace(" ", "-")


def links(root):
    """Links inside the repository lead to a file, and to a heading of it."""
    wrong = []
    for name, text in documents(root):
        for target in LINK.findall(prose(text)):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, heading = target.partition("#")
            file = (pathlib.Path(root) / name).parent / path if path else pathlib.Path(root) / name
            if not file.exists():
                wrong.append(f"{name}: expected the file {target}, got none")
            elif heading and heading not in map(anchor, HEADING.findall(file.read_text())):
                wrong.append(f"{name}: expected the heading {target}, got none")
    return wrong


def named_files(root):
    """Files of the source tree that the documents name are there."""
    wrong = []
    for name, text in documents(root):
        for code in CODE.findall(prose(text)):
            if not SOURCE.fullmatch(code.split()[0]) or re.search(r"NAME|[*<]", code):
                continue
            both = SUFFIXES.fullmatch(code)
            files = [f"{both[1]}.h", f"{both[1]}.cpp"] if both else [code.split()[0]]
            wrong += [f"{name}: expected the file {file}, got none" for file in files
                      if not (pathlib.Path(root) / file).exists()]
    return wrong


def named_functions(root):
    """A function named beside its file stands in that file."""
    wrong = []
    for name, text in documents(root):
        for function, file in TABLE_FUNCTION.findall(text):
            path = pathlib.Path(root) / file
            source = path.read_text(encoding="utf-8") if path.exists() else ""
            if not re.search(rf"\b{function.split('::')[-1]}\b", source):
                wrong.append(f"{name}: expected {function} in {file}, got none")
    return wrong


def run(program, arguments):
    return subprocess.run([str(program), *arguments], capture_output=True, text=True,
                          timeout=SECONDS, check=False)


def option_tables(text, tables, update):
    """The tables in docs/recipes.md are those of the program."""
    missing = [f"docs/recipes.md: no place for the keys of {kind}"
               for kind in ("recipe", "pretrain", "sft", "grpo", "sample", "distill", "eval") if kind not in update.kinds(text)]
    stale = update.with_tables(text, tables) != text
    return missing + (["docs/recipes.md: stale tables; run scripts/update_docs"] if stale else [])


def recipes(root, program):
    """Every recipe that a document shows passes the program's check."""
    wrong = []
    for name, text in documents(root):
        for body in blocks(text, "jsonc"):
            if '"stages"' not in body:
                continue
            with tempfile.TemporaryDirectory(prefix="reckon-documents-") as folder:
                path = pathlib.Path(folder) / "shown.json"
                path.write_text(body, encoding="utf-8")
                done = run(program, ["run", str(path), "--dry-run"])
            if done.returncode != 0:
                wrong.append(f"{name}: a recipe is refused: {done.stderr.strip()}")
    return wrong


def commands(root, program):
    """Commands of the program in `sh` blocks use subcommands and options that exist."""
    wrong, helps = [], {}
    for name, text in documents(root):
        for line in "".join(blocks(text, "sh")).splitlines():
            words = shlex.split(line, comments=True)
            if not words or words[0] != "reckon":
                continue
            command = words[1] if len(words) > 1 else ""
            if command not in helps:
                done = run(program, [command, "--help"])
                helps[command] = done.stdout if done.returncode == 0 else ""
            if not helps[command]:
                wrong.append(f"{name}: expected a command of the program, got: {line}")
            wrong += [f"{name}: expected an option of `reckon {command}`, got {word}"
                      for word in words if word.startswith("--")
                      and not re.search(rf"{re.escape(word)}\b", helps[command])]
    return wrong


def verdicts(root, program):
    """`echo CASE | reckon grade ...` in a document prints what the document shows below it."""
    wrong = []
    path = f"{pathlib.Path(program).resolve().parent}:{os.environ['PATH']}"
    for name, text in documents(root):
        for line, shown in GRADED.findall(text):
            done = subprocess.run(["bash", "-c", line], capture_output=True, text=True,
                                  timeout=SECONDS, check=False, env={**os.environ, "PATH": path})
            if done.stdout.strip() != shown:
                wrong.append(f"{name}: expected {shown}, got {done.stdout or done.stderr}, "
                             f"from {line}")
    return wrong
