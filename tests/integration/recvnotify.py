#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A service manager's end of NOTIFY_SOCKET.

recvnotify.py SOCKET OUT [HOLD]: binds SOCKET ("@NAME": an abstract name) and
appends a line for each datagram to OUT: its text as JSON and how many
descriptors came with it. A barrier's descriptor is closed HOLD seconds later,
which is noted as "closed". Ends then, or after 20 seconds.
"""
import array
import json
import os
import signal
import socket
import sys
import time


def main():
    signal.alarm(20)
    path, out = sys.argv[1:3]
    hold = float(sys.argv[3]) if len(sys.argv) > 3 else 0
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind("\0" + path[1:] if path[0] == "@" else path)
    with open(out, "a", buffering=1) as f:
        f.write("ready\n")
        while True:
            data, anc, _, _ = s.recvmsg(4096, 4096)
            fds = array.array("i")
            for _, _, d in anc:
                fds.frombytes(d)
            f.write("%s %d\n" % (json.dumps(data.decode()), len(fds)))
            if data == b"BARRIER=1":
                time.sleep(hold)
                f.write("closed\n")
                for fd in fds:
                    os.close(fd)
                return


main()
