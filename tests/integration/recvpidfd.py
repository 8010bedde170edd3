#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A receiver of pidfds.

recvpidfd.py SOCKET DIR: listens on SOCKET; of the Nth message it writes the
text to DIR/textN, the number of descriptors to DIR/fdsN and the process that
the first one is of to DIR/pidN ("-1" when it is gone). DIR/ready says it
listens. Ends after 15 seconds.
"""
import array
import os
import signal
import socket
import sys


def put(name, text):
    tmp = os.path.join(sys.argv[2], "." + name)
    with open(tmp, "w") as f:
        f.write(text)
    os.rename(tmp, os.path.join(sys.argv[2], name))


def process_of(fd):
    with open("/proc/self/fdinfo/%d" % fd) as f:
        for line in f:
            if line.startswith("Pid:"):
                return line.split()[1]
    return "no pidfd"


def main():
    signal.alarm(15)
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.bind(sys.argv[1])
    s.listen(4)
    put("ready", "")
    n = 0
    while True:
        c, _ = s.accept()
        size = array.array("i").itemsize
        data, anc, _, _ = c.recvmsg(4096, socket.CMSG_SPACE(16 * size))
        fds = array.array("i")
        for _, _, d in anc:
            fds.frombytes(d[: len(d) - len(d) % size])
        n += 1
        put("text%d" % n, data.decode())
        put("fds%d" % n, str(len(fds)))
        put("pid%d" % n, process_of(fds[0]) if fds else "none")
        for fd in fds:
            os.close(fd)


main()
