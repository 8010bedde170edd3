# SPDX-License-Identifier: Apache-2.0
"""Counts the system calls of commands with strace.

A command's count is that of all its processes, the loader and the payload
included. What a waiting container does once start lets it go is counted by
itself, as it is another process than the command.
"""
import os
import signal
import subprocess
import time

from rig import Failure, log, read


def strace_total(path):
    for _ in range(500):
        if os.path.exists(path):
            for line in read(path).splitlines():
                fields = line.split()
                if fields and fields[-1] == "total":
                    return int(fields[0])
        time.sleep(0.01)
    raise Failure("strace gave no total")


def tracer_of(pid):
    for line in read(f"/proc/{pid}/status").splitlines():
        if line.startswith("TracerPid"):
            return int(line.split()[1])
    return 0


# -I2: a signal makes strace let go of what it still traces, and sum up.
STRACE = ["/usr/bin/strace", "-I2", "-f", "-qq", "-c", "-U", "calls,name", "-o"]


def traced(rt, op, config, program="true"):
    """System calls of the command, its children and the loader."""
    out = rt.bench.path("strace.out")
    if os.path.exists(out):
        os.unlink(out)
    argv = STRACE[:1] + ["-D"] + STRACE[1:] + [out] + \
        rt.argv(op, config, "0", program)
    if op == "create":
        rt.live.add((config, "0"))
    rt.request("seq", [argv], f"strace {op} {config}")
    if op == "create":
        tracer = tracer_of(rt.init_pid(config, "0"))
        if tracer:
            os.kill(tracer, signal.SIGTERM)
    return strace_total(out)


def traced_start(rt, config):
    """(of the command, of the waiting process until its program sleeps)"""
    pid = rt.init_pid(config, "0")
    out = rt.bench.path("strace-init.out")
    if os.path.exists(out):
        os.unlink(out)
    p = subprocess.Popen(STRACE + [out, "-p", str(pid)],
                         stderr=subprocess.DEVNULL)
    try:
        for _ in range(500):
            if tracer_of(pid):
                break
            time.sleep(0.01)
        own = traced(rt, "start", config)
        time.sleep(0.1)
    finally:
        p.send_signal(signal.SIGTERM)
        p.wait(20)
    return own, strace_total(out)


def phase_calls(plan):
    def turn(rt, config):
        calls = plan.results.calls

        def count(op, program="true"):
            calls[op, config, rt.name] = traced(rt, op, config, program)
        count("version")
        count("run")
        count("create", "sleeper")
        own, init = traced_start(rt, config)
        calls["start", config, rt.name] = own
        calls["start (init)", config, rt.name] = init
        for op in ("exec", "state", "kill"):
            count(op)
        rt.wait_stopped(config, "0")
        count("delete")
        rt.live.discard((config, "0"))
    if os.access(STRACE[0], os.X_OK):
        plan.turns(1, turn)
    else:
        log("bench: no strace: system calls are not counted")
