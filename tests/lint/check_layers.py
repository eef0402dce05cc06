#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the form of the source tree: which folder may include which, where third-party headers
may be, how large files may grow, and what tests must not do.

The allowed edges of the architecture are the data below; everything else is derived from #include
lines. Usage: check_layers.py ROOT [layers|third_party|caps|tests]..."""

import pathlib
import re
import sys

# folder: the folders of src/ that its files may include. `base` and `resource` are everybody's.
EDGES = {
    "base": set(),
    "resource": {"base"},
    "wire": {"base"},
    "net": {"base", "resource"},
    "proto": set(),
    "manifest": {"base", "resource"},
    "rpc": {"base", "resource", "net", "xds", "ads_server", "identity", "proto"},
    "xds": {"base", "resource", "proto", "route"},
    "route": {"base", "resource"},
    "pick": {"base", "resource"},
    "policy": {"base", "resource", "pick", "route"},
    "tls": {"base"},
    "transport": {"base", "net", "tls"},
    "identity": {"base", "resource", "tls", "net", "proto"},
    "connection": {"base", "resource", "net", "wire", "tls", "transport", "pick"},
    "registry": {"base", "resource", "net"},
    "translate": {"base", "resource", "manifest", "registry", "proto", "ads_server"},
    "snapshot": {"base", "resource", "xds", "route", "pick", "net", "tls", "identity"},
    "ads_server": {"base", "resource", "proto", "xds", "registry"},
    "client": {"base", "resource", "net", "wire", "route", "pick", "policy", "connection",
               "snapshot"},
    "access": {"base", "resource", "route"},
    "server": {"base", "resource", "net", "wire", "tls", "transport", "route", "access"},
    "mesh": {"base", "resource", "net", "tls", "identity", "access", "manifest", "rpc", "xds",
             "route", "registry", "translate", "snapshot", "ads_server", "client", "server",
             "proto"},
}

# Edges that no include shows: all may use base, and generated headers have paths of their own.
ALWAYS = {"base", "proto"}

# header prefix: the folders that may include it.
THIRD_PARTY = {
    "grpc": {"rpc"},
    "google/protobuf/": {"proto", "xds", "translate", "ads_server", "identity"},
    "meshlib/istio/": {"proto", "identity"},
    "meshlib/envoy/": {"proto", "rpc", "xds", "translate", "ads_server"},
    "yaml-cpp/": {"manifest"},
    "ares": {"net"},
    "re2/": {"resource", "route", "xds", "manifest"},
    "sys/socket.h": {"net"},
    "sys/epoll.h": {"net"},
    "openssl/": {"tls"},
}

SOURCE_CAP, HEADER_CAP, TEST_CAP = 700, 350, 600
INCLUDE = re.compile(r'^\s*#include\s+["<]([^">]+)[">]', re.M)
BANNED_IN_TESTS = re.compile(r"sleep_for|sleep_until|usleep\(|nanosleep\(|absl::SleepFor|\bsleep\(")
DISABLED = re.compile(r"DISABLED_|GTEST_SKIP")
NOLINT = re.compile(r"NOLINT(?!.*--)")


def sources(root, folder, endings=(".h", ".cc")):
    return sorted(p for p in (root / folder).rglob("*") if p.suffix in endings)


def check_layers(root):
    unused = {(folder, target) for folder in EDGES for target in EDGES[folder] - ALWAYS}
    for path in sources(root, "src"):
        folder = path.relative_to(root / "src").parts[0]
        if folder not in EDGES:
            yield f"{path}: folder {folder} is not in EDGES of check_layers.py"
            continue
        for include in INCLUDE.findall(path.read_text()):
            target = include.split("/")[0]
            unused.discard((folder, target))
            if target in EDGES and target != folder and target not in EDGES[folder] | {"base"}:
                if not (root / "src" / include).exists():
                    continue
                yield f"{path}: includes {include}; {folder} must not depend on {target}"
    for folder, target in sorted(unused):
        yield f"EDGES: nothing in {folder}/ includes {target}/"
    yield from check_acyclic()
    yield from check_table(root / "ARCHITECTURE.md")


def check_table(page):
    """The page's rows `| layer | folder | ...`: every folder once, and no edge to a higher layer."""
    rows = re.findall(r"^\| (\d+) \| `(\w+)/` \|", page.read_text(), re.M)
    layers = {folder: int(layer) for layer, folder in rows}
    for folder in sorted(set(EDGES) ^ set(layers)):
        yield f"{page}: {folder}/ is in EDGES or in the table of folders, but not in both"
    if len(rows) != len(layers):
        yield f"{page}: a folder is in the table twice"
    for folder in sorted(set(EDGES) & set(layers)):
        for target in sorted(EDGES[folder] & set(layers)):
            if layers[target] > layers[folder]:
                yield f"{page}: {folder}/ may include {target}/, which is of a higher layer"


def check_acyclic():
    done, path = set(), []

    def visit(folder):
        if folder in path:
            yield "cycle in EDGES: " + " -> ".join(path[path.index(folder):] + [folder])
        elif folder not in done:
            path.append(folder)
            for target in sorted(EDGES[folder]):
                yield from visit(target)
            path.pop()
            done.add(folder)

    for folder in sorted(EDGES):
        yield from visit(folder)


def check_third_party(root):
    for path in sources(root, "src"):
        folder = path.relative_to(root / "src").parts[0]
        for include in INCLUDE.findall(path.read_text()):
            for prefix, folders in THIRD_PARTY.items():
                if include.startswith(prefix) and folder not in folders:
                    yield f"{path}: {include} is confined to {', '.join(sorted(folders))}"
    for path in sources(root, "include"):
        for include in INCLUDE.findall(path.read_text()):
            if "/" in include and not include.startswith(("meshlib/", "absl/")):
                yield f"{path}: public headers include std and abseil only, not {include}"


def check_caps(root):
    for folder in ("src", "include", "tools", "examples", "bench", "tests"):
        for path in sources(root, folder):
            lines = path.read_text().count("\n")
            cap = HEADER_CAP if path.suffix == ".h" else SOURCE_CAP
            if path.name.endswith("_test.cc"):
                cap = TEST_CAP
            if lines > cap:
                yield f"{path}: {lines} lines, the cap is {cap}: split it on a concept"


def check_tests(root):
    for path in sources(root, "tests"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if BANNED_IN_TESTS.search(line):
                yield f"{path}:{number}: no sleeps in tests, wait for an event"
            if DISABLED.search(line) and "--" not in line:
                yield f"{path}:{number}: a disabled test needs its reason behind -- on its line"
    for folder in ("src", "include", "tests"):
        for path in sources(root, folder):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if NOLINT.search(line):
                    yield f"{path}:{number}: NOLINT needs its reason behind --"


CHECKS = {"layers": check_layers, "third_party": check_third_party, "caps": check_caps,
          "tests": check_tests}


def main():
    root = pathlib.Path(sys.argv[1])
    problems = [p for name in (sys.argv[2:] or CHECKS) for p in CHECKS[name](root)]
    print("\n".join(problems) or "nothing to report")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
