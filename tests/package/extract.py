#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the code blocks of a document that name their files to those files, so that what is read
is what is built and run. A block names its file in the comment above it:

    <!-- extract: hello/main.cc -->

Usage: extract.py DOCUMENT DIRECTORY"""

import pathlib
import re
import sys

BLOCK = re.compile(r"<!-- extract: ([\w./-]+) -->\n```\w*\n(.*?)```", re.S)


def main():
    document, directory = map(pathlib.Path, sys.argv[1:3])
    blocks = BLOCK.findall(document.read_text())
    for name, text in blocks:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    print(f"{len(blocks)} files in {directory}")
    return 0 if blocks else 1


if __name__ == "__main__":
    sys.exit(main())
