#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every source file names its licence in its first line, or in the second after "#!".
Usage: check_licences.py ROOT [--add]     --add inserts the line where it is missing"""

import pathlib
import subprocess
import sys

IDENTIFIER = "SPDX-License-Identifier: Apache-2.0"
COMMENT = {".h": "//", ".cc": "//", ".proto": "//", ".go": "//", ".py": "#", ".sh": "#",
           ".cmake": "#", ".cmake.in": "#"}


def comment_of(path, text):
    """How a comment begins in this file, or None when it is no source file."""
    if path.name == "CMakeLists.txt" or text.startswith("#!"):
        return "#"
    return COMMENT.get("".join(path.suffixes[-2:])) or COMMENT.get(path.suffix)


def place_of(lines):
    return 1 if lines and lines[0].startswith("#!") else 0


def add(path, lines, licence):
    # In Go, a comment directly above the package clause is the package's documentation.
    lines[place_of(lines):place_of(lines)] = [licence, ""] if path.suffix == ".go" else [licence]
    path.write_text("\n".join(lines))


def main():
    root = pathlib.Path(sys.argv[1])
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others",
                             "--exclude-standard"], capture_output=True, check=True).stdout
    problems = []
    for name in filter(None, listed.decode().split("\0")):
        path = root / name
        if not path.is_file():
            continue
        text = path.read_bytes().decode("latin-1")
        comment = comment_of(path, text)
        if comment is None:
            continue
        licence = f"{comment} {IDENTIFIER}"
        lines = text.split("\n")
        if lines[place_of(lines):place_of(lines) + 1] == [licence]:
            continue
        if "--add" in sys.argv:
            add(path, path.read_text().split("\n"), licence)
        problems.append(f"{name}: does not begin with \"{licence}\"")
    print("\n".join(problems) or "nothing to report")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
