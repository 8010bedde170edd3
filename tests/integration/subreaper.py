#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a program as the child of a subreaper.

subreaper.py DIR CMD...: orphans below come to this process, unless one nearer
takes them. DIR/reaper and DIR/child have the pids of both. Exits as CMD does;
gives up after 20 seconds.
"""
import ctypes
import os
import signal
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36


def put(name, n):
    tmp = os.path.join(sys.argv[1], "." + name)
    with open(tmp, "w") as f:
        f.write("%d\n" % n)
    os.rename(tmp, os.path.join(sys.argv[1], name))


def main():
    signal.alarm(20)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    p = subprocess.Popen(sys.argv[2:])
    put("reaper", os.getpid())
    put("child", p.pid)
    sys.exit(p.wait())


main()
