#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A seccomp agent.

seccomp_agent.py SOCKET DIR ERRNO [hold]: takes listeners on SOCKET for ever
(15 s). Of the Nth it writes the message to DIR/stateN.json and the number of
descriptors to DIR/fdsN; every call that a listener reports is answered with
ERRNO, and its number appended to DIR/calls. With hold, it waits for DIR/go
before an answer. DIR/ready says it listens.
"""
import array
import fcntl
import os
import signal
import socket
import struct
import sys
import threading
import time

RECV, SEND = 0xC0502100, 0xC0182101


def put(name, data):
    tmp = os.path.join(sys.argv[2], "." + name)
    with open(tmp, "wb") as f:
        f.write(data)
    os.rename(tmp, os.path.join(sys.argv[2], name))


def serve(fd, err):
    while True:
        try:
            req = fcntl.ioctl(fd, RECV, b"\0" * 80)
        except OSError:
            return
        ident, _, _, nr = struct.unpack("QIIi", req[:20])
        with open(os.path.join(sys.argv[2], "calls"), "a") as f:
            f.write("%d\n" % nr)
        while len(sys.argv) > 4 and not os.path.exists(
            os.path.join(sys.argv[2], "go")
        ):
            time.sleep(0.02)
        try:
            fcntl.ioctl(fd, SEND, struct.pack("QqiI", ident, 0, -err, 0))
        except FileNotFoundError:
            pass  # the call was interrupted: it will be made again
        except OSError:
            return


def main():
    signal.alarm(15)
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.bind(sys.argv[1])
    s.listen(4)
    put("ready", b"")
    n = 0
    while True:
        c, _ = s.accept()
        size = array.array("i").itemsize
        data, anc, _, _ = c.recvmsg(65536, socket.CMSG_SPACE(8 * size))
        fds = array.array("i")
        for _, _, d in anc:
            fds.frombytes(d[: len(d) - len(d) % size])
        n += 1
        put("fds%d" % n, str(len(fds)).encode())
        put("state%d.json" % n, data)
        threading.Thread(
            target=serve, args=(fds[0], int(sys.argv[3])), daemon=True
        ).start()


main()
