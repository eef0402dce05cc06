# SPDX-License-Identifier: Apache-2.0
"""Makes failing cases small: leaves out whatever the failure does not need."""

import copy


def minimize(case, fails, budget=600):
    """The smallest form of `case`, a tree of dicts and lists, found by leaving out one part after
    the other, for which `fails(case)` still holds. Calls `fails` at most `budget` times."""
    calls = 0
    shrunk = True
    while shrunk:
        shrunk = False
        for path in _paths(case):
            if calls >= budget:
                return case
            smaller = _without(case, path)
            if smaller is None:
                continue
            calls += 1
            if fails(smaller):
                case = smaller
                shrunk = True
    return case


def _paths(tree, prefix=()):
    """Every part of the tree, the largest first."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree) - 1, -1, -1)
    for key in keys:
        yield (*prefix, key)
    for key in keys:
        if isinstance(tree[key], (dict, list)):
            yield from _paths(tree[key], (*prefix, key))


def _without(tree, path):
    """A copy without that part; None when it is gone already."""
    tree = copy.deepcopy(tree)
    place = tree
    try:
        for key in path[:-1]:
            place = place[key]
        del place[path[-1]]
    except (KeyError, IndexError, TypeError):
        return None
    return tree
