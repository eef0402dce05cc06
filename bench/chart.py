# SPDX-License-Identifier: Apache-2.0
"""Writes the measured part of docs/benchmarks.md and its chart, docs/benchmarks.svg."""

import statistics

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

CASES = [
    ("floor_1", "hand-written client and server"),
    ("blocking_1", "meshlib, blocking Call"),
    ("callback_1", "meshlib, callback Call"),
    ("blocking_handler_1", "meshlib, blocking Call and handler"),
    ("envoy_pair_1", "hand-written, through two Envoys"),
]


def median(rounds, case, key):
    return statistics.median(r[case][key] for r in rounds)


def svg(rounds):
    values = [(label, median(rounds, case, "p50_us")) for case, label in CASES]
    longest = max(value for _, value in values)
    rows = []
    for i, (label, value) in enumerate(values):
        y, width = 44 + 38 * i, 330 * value / longest
        color = "#3b5bdb" if "meshlib" in label else "#98a2b3"
        rows.append(f'<text x="236" y="{y + 17}" text-anchor="end">{label}</text>'
                    f'<rect x="246" y="{y}" width="{width:.1f}" height="24" rx="4" fill="{color}"/>'
                    f'<text x="{252 + width:.1f}" y="{y + 17}">{value:.0f} us</text>')
    height = 44 + 38 * len(values) + 8
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="660" height="{height}" '
            'font-family="system-ui, sans-serif" font-size="14" fill="#1d2433">'
            f'<rect width="660" height="{height}" fill="#ffffff"/>'
            '<text x="16" y="26" font-weight="600">Median time of one Call, 1 connection, 1 KiB '
            'answer</text>' + "".join(rows) + "</svg>\n")


def number(rounds, case, key, digits):
    return f"{median(rounds, case, key):.{digits}f}" if key in rounds[0][case] else ""


def cpu_of_both(rounds, case):
    """CPU time per Call of the client's process and of the server's; empty where not measured."""
    if "server_cpu_us_per_request" in rounds[0][case]:
        return "", number(rounds, case, "server_cpu_us_per_request", 1)
    client = number(rounds, case, "cpu_us_per_call", 1)
    if "cpu_us_both" not in rounds[0][case]:
        return client, ""
    servers = [r[case]["cpu_us_both"] - r[case]["cpu_us_per_call"] for r in rounds]
    return client, f"{statistics.median(servers):.1f}"


def tables(result, targets):
    rounds, machine = result["rounds"], result["machine"]
    lines = [f"Machine: {machine['cpu']}, {machine['cores']} cores, Linux {machine['kernel']}; "
             f"{len(rounds)} interleaved rounds.", "",
             "![Median time of one Call](benchmarks.svg)", "",
             "| ratio | measured | 95 % interval | target |", "|---|---|---|---|"]
    for name, (target, way) in targets.items():
        low_high = result["intervals"].get(name)
        spread = f"{low_high[0]:.3f} to {low_high[1]:.3f}" if low_high else ""
        lines.append(f"| `{name}` | {result['ratios'][name]:.3f} | {spread} | {way} {target} |")
    lines += ["", "| case | p50 us | p99 us | calls/s | client's CPU us | server's CPU us |",
              "|---|---|---|---|---|---|"]
    for case in sorted(rounds[0]):
        cells = [number(rounds, case, "p50_us", 1), number(rounds, case, "p99_us", 1),
                 number(rounds, case, "rps", 0), *cpu_of_both(rounds, case)]
        lines.append(f"| {case} | " + " | ".join(cells) + " |")
    lines += ["", "| piece | time |", "|---|---|"]
    for name, value in result["micro"].items():
        if name not in targets:
            lines.append(f"| `{name}` | {value:.1f} |")
    return "\n".join(lines)


def write(result, targets, docs):
    page = docs / "benchmarks.md"
    before, rest = page.read_text().split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(before + BEGIN + "\n" + tables(result, targets) + "\n" + END + after)
    (docs / "benchmarks.svg").write_text(svg(result["rounds"]))
