#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every code block of README.md and docs/ that names its file is that file, so that what
is read is what is compiled and run. A block names its file in the comment above it:

    <!-- examples/quickstart/main.cc -->

Also checks that links between the documents lead somewhere. Usage: check_docs.py ROOT"""

import pathlib
import re
import sys

BLOCK = re.compile(r"<!-- ([\w./-]+) -->\n```\w*\n(.*?)```", re.S)
FENCE = re.compile(r"```.*?```", re.S)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def problems(root):
    for page in [*root.glob("*.md"), *sorted((root / "docs").glob("*.md"))]:
        text = page.read_text()
        for name, code in BLOCK.findall(text):
            path = root / name
            if not path.exists():
                yield f"{page.name}: {name} does not exist"
            elif code.strip() not in path.read_text():
                yield f"{page.name}: the block is not what {name} says"
        for target in LINK.findall(FENCE.sub("", text)):
            if not (page.parent / target).exists():
                yield f"{page.name}: dead link to {target}"


def main():
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "nothing to report")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
