# SPDX-License-Identifier: Apache-2.0
"""Tables and JSON out of what was measured."""
import json
import os
import statistics
import subprocess

from rig import Floor

# In the order of the tables.
OPS = ("version", "run", "create", "start", "exec", "state", "list", "kill",
       "delete", "delete-f", "run-100", "run-8", "exec-100", "exec-8")
COUNTED = ("version", "run", "create", "start", "start (init)", "exec",
           "state", "kill", "delete")


def summary(values):
    values = sorted(values)
    return {"n": len(values), "median": statistics.median(values),
            "min": values[0], "max": values[-1],
            "p90": values[int(len(values) * 0.9) if len(values) > 1 else 0]}


def ratio(value, base):
    return f"{value / base:.2f}" if value is not None and base else "-"


def table(title, names, rows, fmt, base_of=("floor", "crun")):
    """rows: (label, {name: (value, text)}); ratios after each value."""
    print(f"\n{title}")
    head = "".join(f"{n:>16}" + "".join(
        f"{'x' + b[:5]:>8}" for b in base_of if b in names and b != n)
        for n in names)
    print(f"{'':<20}{head}")
    for label, cells in rows:
        line = f"{label:<20}"
        for n in names:
            value = cells.get(n)
            line += f"{fmt(value) if value else '-':>16}"
            for b in base_of:
                if b in names and b != n:
                    base = cells.get(b)
                    line += f"{ratio(value and value[0], base and base[0]):>8}"
        print(line)


def rows_of(data, ops, configs, names, cell):
    """Table rows from data[op, config, name], cells made by cell()."""
    rows = []
    for config in configs:
        for op in ops:
            cells = {n: cell(data[op, config, n]) for n in names
                     if (op, config, n) in data}
            if cells:
                rows.append((f"{op}, {config}", cells))
    return rows


def report(results, names, configs):
    def median(values):
        return (statistics.median(values),)

    single = [op for op in OPS if not op[-1].isdigit()]
    charged = {(what, c, n): [x[i] for x in v]
               for (c, n), v in results.charged.items()
               for i, what in enumerate(("charged", "highest", "init RSS"))}
    tables = [
        ("Milliseconds a command: median (minimum); -100: one after another, "
         "-8: eight at once", results.times, OPS,
         lambda v: (statistics.median(v), min(v)),
         lambda v: f"{v[0]:.2f} ({v[1]:.2f})"),
        ("Page faults of a command and of the children it waited for",
         results.faults, single, median, lambda v: f"{v[0]:.0f}"),
        ("Peak memory of a command (ru_maxrss), KiB", results.peaks, single,
         median, lambda v: f"{v[0]:.0f}"),
        ("Memory of a created container before its program runs, KiB",
         charged, ("charged", "highest", "init RSS"), median,
         lambda v: f"{v[0]:.0f}"),
        ("Smallest memory limit under which a container runs, KiB",
         results.limits, ("limit",), lambda v: (v,), lambda v: str(v[0])),
        ("System calls (loader, children and payload included)",
         results.calls, COUNTED, lambda v: (v,), lambda v: str(v[0]))]
    for title, data, ops, cell, fmt in tables:
        rows = rows_of(data, ops, configs, names, cell)
        if rows:
            table(title, names, rows, fmt)


def write_json(path, results, runtimes, host):
    def keyed(names, data, fn):
        return [dict(zip(names, key)) | fn(v) for key, v in data.items()]
    three = ("operation", "config", "runtime")
    doc = {"machine": {"kernel": os.uname().release, "cpus": os.cpu_count(),
                       "cgroup": "v2" if host["v2"] else "v1"},
           "runtimes": {n: {"path": r.binary, "version": version(r)}
                        for n, r in runtimes.items()},
           "milliseconds": keyed(three, results.times, summary),
           "peak_kib": keyed(three, results.peaks, summary),
           "page_faults": keyed(three, results.faults, summary),
           "charged_kib": keyed(
               ("config", "runtime"), results.charged,
               lambda v: {k: statistics.median(x[i] for x in v) for i, k in
                          enumerate(("usage", "highest", "init_rss"))}),
           "smallest_limit_kib": keyed(three, results.limits,
                                       lambda v: {"kib": v}),
           "system_calls": keyed(three, results.calls,
                                 lambda v: {"calls": v}),
           "failures": results.failures}
    with open(path, "w") as f:
        json.dump(doc, f, indent=1)
        f.write("\n")


def version(rt):
    if isinstance(rt, Floor):
        return "floor"
    try:
        out = subprocess.run([rt.binary, "--version"], text=True,
                             capture_output=True, timeout=10).stdout
    except (OSError, subprocess.TimeoutExpired):
        return "?"
    return out.split("\n")[0]
