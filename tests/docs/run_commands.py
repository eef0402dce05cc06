#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of the documents, and compares what they print with what is said to be printed.

    <!-- run -->            the shell block below is run, in the root of the project, and must succeed
    <!-- run, fails -->     ... and must fail
    <!-- prints -->         each line of the block below must be in what it printed, in this order;
                            "..." stands for anything

Usage: run_commands.py ROOT DIRECTORY_OF_PROGRAMS... PAGE"""

import os
import pathlib
import re
import subprocess
import sys

BLOCK = re.compile(r"<!-- (run|run, fails|prints) -->\n```\w*\n(.*?)```", re.S)


def main():
    root, *programs, page = sys.argv[1:]
    environment = dict(os.environ, PATH=":".join([*programs, os.environ["PATH"]]))
    printed = ""
    failures = []
    blocks = BLOCK.findall((pathlib.Path(root) / page).read_text())
    for kind, text in blocks:
        if kind == "prints":
            failures += missing(text, printed)
            continue
        result = subprocess.run(["bash", "-euc", text], cwd=root, env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                                check=False)
        printed = result.stdout
        print(f"$ {text}{printed}")
        if (result.returncode != 0) != (kind == "run, fails"):
            failures.append(f"exit {result.returncode}: {text}")
    if not blocks:
        failures.append(f"{page} has nothing to run")
    print("\n".join(failures) or "all as the page says")
    return 1 if failures else 0


def missing(expected, printed):
    """The lines of `expected` that do not follow one another in `printed`."""
    at = 0
    for line in filter(None, map(str.strip, expected.split("\n"))):
        pattern = ".*?".join(re.escape(part) for part in line.split("..."))
        found = re.compile(pattern).search(printed, at)
        if found is None:
            yield f"not printed, or not in this place: {line}"
        else:
            at = found.end()


if __name__ == "__main__":
    sys.exit(main())
