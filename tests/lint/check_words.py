#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that text files hold no unfinished work and no absolute home of anybody's machine.
Usage: check_words.py ROOT"""

import pathlib
import re
import subprocess
import sys

BANNED = re.compile(r"\bTODO\b|\bFIXME\b|\bXXX\b|/home/[a-z]+/|/root/")


def main():
    root = pathlib.Path(sys.argv[1])
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others",
                             "--exclude-standard"], capture_output=True, check=True).stdout
    problems = []
    for name in filter(None, listed.decode().split("\0")):
        path = root / name
        if path.name == "check_words.py" or not path.is_file() or path.suffix in (".pb", ".bin"):
            continue
        for number, line in enumerate(path.read_bytes().decode("latin-1").splitlines(), 1):
            if BANNED.search(line):
                problems.append(f"{name}:{number}: {line.strip()[:100]}")
    print("\n".join(problems) or "nothing to report")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
