#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every code block of README.md and docs/ that names its file is that file, so that what
is read is what is compiled and run. A block names its file in the comment above it:

    <!-- examples/quickstart/main.cc -->

Every C++ block must name one, or be one that another test extracts ("extract: FILE"). Shell blocks
of PAGES_THAT_RUN are run by tests/docs, which is what "run" above them says; every one must have it.
Also checks that links between the documents lead somewhere. Usage: check_docs.py ROOT"""

import pathlib
import re
import sys

BLOCK = re.compile(r"(?:<!-- ([^\n]*?) -->\n)?```(\w*)\n(.*?)```", re.S)
FENCE = re.compile(r"```.*?```", re.S)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
EXTRACTED = re.compile(r"extract: ")
RUN = re.compile(r"run(, fails)?")
PAGES_THAT_RUN = {"calls.md", "servers.md", "troubleshooting.md"}


def problems(root):
    for page in [*root.glob("*.md"), *sorted((root / "docs").glob("*.md"))]:
        text = page.read_text()
        for comment, language, code in BLOCK.findall(text):
            yield from (f"{page.name}: {problem}"
                        for problem in block_problems(root, page, comment, language, code))
        for target in LINK.findall(FENCE.sub("", text)):
            if not (page.parent / target).exists():
                yield f"{page.name}: dead link to {target}"


def block_problems(root, page, comment, language, code):
    first = code.strip().split("\n")[0]
    if EXTRACTED.match(comment):
        return
    if language == "sh" and page.name in PAGES_THAT_RUN and not RUN.fullmatch(comment):
        yield f"nobody runs the block \"{first}\""
    if language == "cpp" and not comment:
        yield f"no file is named for the block \"{first}\""
    if not comment or RUN.fullmatch(comment) or comment == "prints":
        return
    path = root / comment
    if not path.exists():
        yield f"{comment} does not exist"
    elif code.strip() not in path.read_text():
        yield f"the block is not what {comment} says"


def main():
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "nothing to report")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
