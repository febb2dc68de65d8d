#!/usr/bin/env python3
"""Tests of the documents: what they show exists, and the program agrees with it.

    documents_test.py [PROGRAM]      without PROGRAM only what needs no program

Cases are printed as tests/case_reporter.cpp does.
"""

import importlib.machinery
import importlib.util
import pathlib
import sys
import tempfile

import documents
import structure_test

ROOT = structure_test.ROOT


def update_docs():
    """scripts/update_docs as a module."""
    loader = importlib.machinery.SourceFileLoader("update_docs", str(ROOT / "scripts/update_docs"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def tables(update, table, text=None):
    return documents.option_tables(text or update.DOCUMENT.read_text(encoding="utf-8"), table, update)


def planted(text, rule):
    """A violation if `rule` finds nothing in a small tree whose README is `text`."""
    with tempfile.TemporaryDirectory(prefix="reckon-documents-") as root:
        structure_test.write_tree(root, {"README.md": text, "rl/grpo.cpp": "void run();\n"})
        return [] if rule(root) else [f"nothing was found in {text!r}"]


def main(arguments):
    cases = {
        "links in the documents lead somewhere": lambda: documents.links(ROOT),
        "source files named in the documents exist": lambda: documents.named_files(ROOT),
        "functions named beside a file stand in it": lambda: documents.named_functions(ROOT),
        "a dead link is found": lambda: planted("[a](docs/none.md)", documents.links),
        "a dead heading is found": lambda: planted("# One\n[a](#two)", documents.links),
        "a file that is gone is found": lambda: planted("`rl/none.cpp`", documents.named_files),
        "a function that is gone is found":
            lambda: planted("| `none`, `rl/grpo.cpp` |", documents.named_functions),
    }
    if arguments:
        program = pathlib.Path(arguments[0])
        update = update_docs()
        table = update.program_table(program)
        stale = update.DOCUMENT.read_text(encoding="utf-8").replace("`num_generations`", "`n`")
        cases |= {
            "the option tables are those of the program": lambda: tables(update, table),
            "a stale option table is found":
                lambda: [] if tables(update, table, stale) else ["a stale table passed"],
            "recipes in the documents are accepted": lambda: documents.recipes(ROOT, program),
            "a wrong recipe is found": lambda: planted(
                '```jsonc\n{"name": "a", "stages": []}\n```',
                lambda root: documents.recipes(root, program)),
            "commands in the documents exist": lambda: documents.commands(ROOT, program),
            "verdicts in the documents are those of the program":
                lambda: documents.verdicts(ROOT, program),
            "a wrong verdict is found": lambda: planted(
                "```sh\necho '{}' | reckon grade boxed\n```\n```json\n{\"score\":1.0}\n```\n",
                lambda root: documents.verdicts(root, program)),
            "a wrong command is found": lambda: planted(
                "```sh\nreckon run smoke --none\n```",
                lambda root: documents.commands(root, program)),
        }
    return structure_test.run(cases)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
