#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that a shared libmeshlib exports what MESHLIB_EXPORT marks in the public headers, and
nothing else: members, tables and type information of marked classes, and marked functions.

Usage: check_exports.py LIBRARY INCLUDE_DIRECTORY"""

import pathlib
import re
import subprocess
import sys

COMMENT = re.compile(r"//[^\n]*")
CLASS = re.compile(r"\b(?:class|struct)\s+MESHLIB_EXPORT\s+(\w+)[^;{]*{")
FUNCTION = re.compile(r"^MESHLIB_EXPORT\s[^;{]*?(\w+)\(", re.M)
# A declaration without a body: a name in front of the first "(", nothing that gives it a body.
DECLARATION = re.compile(r"^(?!using|friend|static_assert)[^(=<]*(?:<[^(=]*>[^(=<]*)?[\s&*](~?\w+)\(")
INLINE = re.compile(r"^inline\s[^;{(]*?(\w+::\w+)\(", re.M)
BODY_ELSEWHERE = re.compile(r"=\s*(0|default|delete)$")
SYMBOL = re.compile(r"^(?P<what>vtable for |typeinfo for |typeinfo name for )?meshlib::"
                    r"(?P<name>\w+)(?P<rest>.*)$")


def statements(text):
    """The declarations at depth 0 of a class body, without those that have bodies of their own."""
    parens = braces = 0
    current = ""
    for character in text:
        if character in "()":
            parens += 1 if character == "(" else -1
        if character in "{}" and parens == 0:
            braces += 1 if character == "{" else -1
            if braces < 0:
                return
            if braces == 0:
                current = ""
        elif braces == 0:
            if character == ";" and parens == 0:
                yield " ".join(re.sub(r"\b(public|private|protected):", " ", current).split())
                current = ""
            else:
                current += character


def marked(include):
    """Marked classes, marked functions, and the members that are defined in the library."""
    classes, functions, members = set(), set(), set()
    for path in sorted(include.rglob("*.h")):
        text = COMMENT.sub("", path.read_text())
        functions |= set(FUNCTION.findall(text))
        for match in CLASS.finditer(text):
            classes.add(match[1])
            for statement in statements(text[match.end():]):
                name = DECLARATION.match(" " + statement if statement[:1].isupper() else statement)
                if name and not BODY_ELSEWHERE.search(statement):
                    members.add(f"{match[1]}::{name[1]}")
        members -= set(INLINE.findall(text))
    return classes, functions, members


def exported(library):
    text = subprocess.run(["nm", "-D", "-C", "--defined-only", str(library)], check=True,
                          capture_output=True, text=True).stdout
    return sorted(line.split(" ", 2)[2] for line in text.splitlines())


def problems(symbols, classes, functions, members):
    found = set()
    for symbol in symbols:
        match = SYMBOL.match(symbol)
        name, rest = (match["name"], match["rest"]) if match else ("", "")
        if match and match["what"] and name in classes and not rest:
            continue
        if match and not match["what"] and name in functions and rest.startswith("("):
            found.add(name)
        elif match and not match["what"] and name in classes and rest.startswith("::"):
            found.add(name + rest.split("(")[0].removesuffix("[abi:cxx11]"))
        else:
            yield f"exported, but not marked: {symbol}"
    for name in sorted((functions | members) - found):
        yield f"marked, but not exported: meshlib::{name}"


def main():
    library, include = map(pathlib.Path, sys.argv[1:3])
    marks = marked(include)
    symbols = exported(library)
    found = list(problems(symbols, *marks))
    print("\n".join(found) or f"{len(symbols)} symbols; {len(marks[0])} classes, "
          f"{len(marks[1])} functions and {len(marks[2])} members are marked")
    return 1 if found or not symbols or not all(marks) else 0


if __name__ == "__main__":
    sys.exit(main())
