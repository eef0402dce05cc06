#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang over the tree with the flags of a build's compile_commands.json.

  run_clang.py syntax ROOT BUILD   every source file compiles without a warning (nothing is written)
  run_clang.py names ROOT BUILD    clang-tidy's naming rules hold in every header, folder by folder
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

WARNINGS = ["-Werror", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wsign-conversion",
            "-Wthread-safety", "-Wno-missing-field-initializers", "-Wno-unknown-warning-option"]
FOLDERS = ("src", "tools", "examples", "include")


def commands(build):
    return json.loads((build / "compile_commands.json").read_text())


def arguments(command):
    return command.get("arguments") or shlex.split(command["command"])


def includes(command):
    """The include flags of a command, in order."""
    words, found = arguments(command), []
    for i, word in enumerate(words):
        if word == "-isystem":
            found += [word, words[i + 1]]
        elif word.startswith(("-I", "-D")):
            found.append(word)
    return found


def syntax_jobs(root, build):
    for command in commands(build):
        path = pathlib.Path(command["file"])
        if path.is_relative_to(root) and path.relative_to(root).parts[0] in FOLDERS:
            yield path, ["clang++-16", "-fsyntax-only", "-std=c++20", *WARNINGS,
                         *includes(command), str(path)], command["directory"]


def name_jobs(root, build, scratch):
    """One source for each folder, which includes all its headers: they share what they include."""
    flags = []
    for command in commands(build):
        words = includes(command)
        for i, word in enumerate(words):
            flag = [word] if word.startswith("-I") else words[i:i + 2]  # -isystem has two words
            if word.startswith(("-I", "-isystem")) and flag not in flags:
                flags.append(flag)
    flags = [word for flag in flags for word in flag]
    config = root / "tests/lint/clang_tidy_names.yaml"
    folders = {}
    for top in ("include", "src"):
        for path in sorted((root / top).rglob("*.h")):
            folders.setdefault(path.parent, []).append(path)
    for number, (folder, headers) in enumerate(folders.items()):
        source = scratch / f"{number}.cc"
        source.write_text("".join(f'#include "{header}"\n' for header in headers))
        yield folder, ["clang-tidy-16", "--quiet", f"--config-file={config}",
                       f"--header-filter=^{re.escape(str(folder))}/[^/]*$", str(source), "--",
                       "-x", "c++", "-std=c++20", *flags], str(root)


def run(job):
    path, command, directory = job
    result = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    return path, result.returncode, result.stdout + result.stderr


def main():
    mode, root, build = sys.argv[1], *(pathlib.Path(p).resolve() for p in sys.argv[2:4])
    failed = 0
    with (tempfile.TemporaryDirectory() as scratch,
          concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool):
        jobs = list(syntax_jobs(root, build) if mode == "syntax" else
                    name_jobs(root, build, pathlib.Path(scratch)))
        for path, status, output in pool.map(run, jobs):
            if status != 0:
                failed += 1
                print(f"{path.relative_to(root)}:\n{output}")
    what = "files" if mode == "syntax" else "folders"
    print(f"{len(jobs) - failed} of {len(jobs)} {what} are clean")
    return 1 if failed or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())
