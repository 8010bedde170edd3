#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A console-socket receiver.

recvtty.py SOCKET DIR [INPUT]: listens on SOCKET, takes one message, writes
DIR/payload (the data), DIR/fds (how many descriptors came), DIR/size ("rows
cols" of the terminal), types INPUT, and copies what the terminal says to
DIR/out until it hangs up; then makes DIR/done. DIR/ready says it listens.
Gives up after 15 seconds.
"""
import array
import fcntl
import os
import signal
import socket
import struct
import sys
import termios


def put(name, data):
    tmp = os.path.join(sys.argv[2], "." + name)
    with open(tmp, "wb") as f:
        f.write(data)
    os.rename(tmp, os.path.join(sys.argv[2], name))


def main():
    signal.alarm(15)
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.bind(sys.argv[1])
    s.listen(4)
    put("ready", b"")
    c, _ = s.accept()
    size = array.array("i").itemsize
    data, anc, _, _ = c.recvmsg(4096, socket.CMSG_SPACE(16 * size))
    fds = array.array("i")
    for _, _, d in anc:
        fds.frombytes(d[: len(d) - len(d) % size])
    put("payload", data)
    put("fds", str(len(fds)).encode())
    master = fds[0]
    ws = fcntl.ioctl(master, termios.TIOCGWINSZ, b"\0" * 8)
    put("size", b"%d %d" % struct.unpack("HHHH", ws)[:2])
    if len(sys.argv) > 3:
        os.write(master, sys.argv[3].encode())
    with open(os.path.join(sys.argv[2], "out"), "wb", 0) as out:
        while True:
            try:
                b = os.read(master, 4096)
            except OSError:
                break
            if not b:
                break
            out.write(b)
    put("done", b"")


main()
