#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small client of the container runtime interface, version 1.

usage: cri.py SOCKET VERB [ARGUMENT...]

  version
  pod_run POD.json [HANDLER]       prints the pod's id
  create POD-ID CTR.json POD.json  prints the container's id
  start ID | rm ID
  pod_stop POD-ID | pod_rm POD-ID
  stop ID SECONDS
  status ID | stats ID | pids ID   print JSON
  update ID RESOURCES.json
  reopen ID                        reopens the log
  exec ID SECONDS COMMAND...       ExecSync; its output and exit status
  stream ID COMMAND...             Exec over a web socket, stdin included
  tty ID COMMAND...                the same with a terminal
  attach ID                        Attach over a web socket
  list                             ids of pods and containers

The JSON has the field names of the protocol. An error of the server is
printed as CODE: TEXT; the exit status is then 125.
"""

import base64
import json
import os
import re
import socket
import struct
import sys
import threading
import urllib.parse

import grpc

# seconds for a call
TIMEOUT = int(os.environ.get("CRI_TIMEOUT", 50))

# name=number, then the type: nothing for a string, # a number (or a truth
# value), {} a map of strings, or the name of a message. * makes it repeated.
MESSAGES = {
    "Pod": "metadata=1Meta hostname=2 log_directory=3 labels=6{} "
           "annotations=7{} linux=8PodLinux",
    "Meta": "name=1 uid=2 namespace=3 attempt=4#",
    "PodLinux": "cgroup_parent=1 security_context=2PodSecurity sysctls=3{}",
    "PodSecurity": "namespace_options=1Namespaces run_as_user=3Int "
                   "readonly_rootfs=4# supplemental_groups=5*# privileged=6# "
                   "run_as_group=8Int seccomp=9Profile",
    "Namespaces": "network=1# pid=2# ipc=3# target_id=4 userns_options=5Userns",
    "Userns": "mode=1# uids=2*Map gids=3*Map",
    "Map": "host_id=1# container_id=2# length=3#",
    "Int": "value=1#",
    "Profile": "profile_type=1# localhost_ref=2",
    "Container": "metadata=1Attempt image=2Image command=3* args=4* "
                 "working_dir=5 envs=6*KeyValue mounts=7*Mount "
                 "devices=8*Device labels=9{} annotations=10{} log_path=11 "
                 "stdin=12# stdin_once=13# tty=14# linux=15ContainerLinux "
                 "CDI_devices=17*Image",
    "Attempt": "name=1 attempt=2#",
    "Image": "image=1",
    "KeyValue": "key=1 value=2",
    "Mount": "container_path=1 host_path=2 readonly=3# propagation=5# "
             "uidMappings=6*Map gidMappings=7*Map recursive_read_only=8#",
    "Device": "container_path=1 host_path=2 permissions=3",
    "ContainerLinux": "resources=1Resources security_context=2Security",
    "Resources": "cpu_period=1# cpu_quota=2# cpu_shares=3# "
                 "memory_limit_in_bytes=4# oom_score_adj=5# cpuset_cpus=6 "
                 "cpuset_mems=7 unified=9{} memory_swap_limit_in_bytes=10#",
    "Security": "capabilities=1Capabilities privileged=2# "
                "namespace_options=3Namespaces run_as_user=5Int "
                "run_as_username=6 readonly_rootfs=7# "
                "supplemental_groups=8*# no_new_privs=11# run_as_group=12Int "
                "masked_paths=13* readonly_paths=14* seccomp=15Profile",
    "Capabilities": "add_capabilities=1* drop_capabilities=2*",
}

FIELD = re.compile(r"(\w+)=(\d+)(\*?)(\w+|#|\{\}|)")
STATES = ("created", "running", "exited", "unknown")


# --- the wire format of protocol buffers ---------------------------------

def number(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def block(field, data):
    if isinstance(data, str):
        data = data.encode()
    return number(field << 3 | 2) + number(len(data)) + data


def scalar(field, value):
    return number(field << 3) + number(int(value))


def encode_one(field, kind, value):
    if kind == "":
        return block(field, value)
    if kind == "#":
        return scalar(field, value)
    if kind == "{}":
        return b"".join(block(field, block(1, k) + block(2, v))
                        for k, v in value.items())
    return block(field, encode(kind, value))


def encode(message, values):
    """The bytes of a message; a field that the table lacks is an error."""
    fields = {m[0]: m[1:] for m in FIELD.findall(MESSAGES[message])}
    out = b""
    for name, value in values.items():
        field, many, kind = fields[name]
        for one in value if many else [value]:
            out += encode_one(int(field), kind, one)
    return out


class Message:
    """A decoded message: its fields by number."""

    def __init__(self, data):
        self.data, self.at, self.fields = data, 0, []
        while self.at < len(data):
            key = self.varint()
            self.fields.append((key >> 3, self.value(key & 7)))

    def varint(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def value(self, wire):
        if wire == 0:
            return self.varint()
        size = {1: 8, 5: 4}.get(wire) or self.varint()
        self.at += size
        return self.data[self.at - size:self.at]

    def all(self, field):
        return [v for n, v in self.fields if n == field]

    def get(self, *path, default=b""):
        found = self.all(path[0])
        if not found:
            return default
        if len(path) > 1:
            return Message(found[0]).get(*path[1:], default=default)
        return found[0]

    def text(self, *path):
        return self.get(*path).decode()

    def int(self, *path):
        return self.get(*path, default=0)


# --- streams: a web socket whose frames begin with the channel -----------

class Stream:
    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.sock = socket.create_connection((parts.hostname, parts.port), 60)
        self.lock = threading.Lock()
        self.data = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall((
            f"GET {parts.path}?{parts.query} HTTP/1.1\r\n"
            f"Host: {parts.netloc}\r\nConnection: Upgrade\r\n"
            f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n"
            f"Origin: http://{parts.netloc}\r\n"
            "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.data:
            self.more()
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        if b" 101 " not in head:
            raise OSError(head.decode())

    def more(self):
        got = self.sock.recv(65536)
        if not got:
            raise EOFError
        self.data += got

    def take(self, size):
        while len(self.data) < size:
            self.more()
        out, self.data = self.data[:size], self.data[size:]
        return out

    def frame(self):
        """(opcode, payload); the server's frames are not masked."""
        first, size = self.take(2)
        if size == 126:
            size, = struct.unpack("!H", self.take(2))
        elif size == 127:
            size, = struct.unpack("!Q", self.take(8))
        return first & 15, self.take(size)

    def send(self, channel, data):
        data = bytes([channel]) + data
        head = bytes([0x82])
        if len(data) < 126:
            head += bytes([128 | len(data)])
        else:
            head += bytes([128 | 126]) + struct.pack("!H", len(data))
        with self.lock:
            # the mask is nothing: xor with zeros
            self.sock.sendall(head + bytes(4) + data)

    def feed(self):
        """Our stdin, to its end, to the process."""
        while chunk := os.read(0, 16384):
            self.send(0, chunk)

    def run(self):
        """Until the end; the exit status that channel 3 told."""
        threading.Thread(target=self.feed, daemon=True).start()
        status = 0
        try:
            while True:
                opcode, payload = self.frame()
                if opcode == 8:
                    break
                if opcode > 2 or len(payload) < 2:
                    continue
                if payload[0] in (1, 2):
                    os.write(payload[0], payload[1:])
                elif payload[0] == 3:
                    status = exit_status(json.loads(payload[1:]))
        except EOFError:
            pass
        return status


def exit_status(told):
    if told.get("status") == "Success":
        return 0
    for cause in told.get("details", {}).get("causes", []):
        if cause.get("reason") == "ExitCode":
            return int(cause["message"])
    print(told.get("message"), file=sys.stderr)
    return 125


# --- verbs ----------------------------------------------------------------

class Client:
    def __init__(self, path):
        self.channel = grpc.insecure_channel("unix://" + path)

    def call(self, method, body=b""):
        call = self.channel.unary_unary(
            "/runtime.v1.RuntimeService/" + method,
            request_serializer=bytes, response_deserializer=Message)
        return call(body, timeout=TIMEOUT)

    def version(self):
        answer = self.call("Version")
        print(answer.text(2), answer.text(3), answer.text(4))

    def pod_run(self, pod, handler=""):
        print(self.call("RunPodSandbox", block(1, encode("Pod", load(pod))) +
                        block(2, handler)).text(1))

    def create(self, pod_id, container, pod):
        print(self.call(
            "CreateContainer", block(1, pod_id) +
            block(2, encode("Container", load(container))) +
            block(3, encode("Pod", load(pod)))).text(1))

    def start(self, name):
        self.call("StartContainer", block(1, name))

    def rm(self, name):
        self.call("RemoveContainer", block(1, name))

    def stop(self, name, seconds):
        self.call("StopContainer", block(1, name) + scalar(2, seconds))

    def pod_stop(self, name):
        self.call("StopPodSandbox", block(1, name))

    def pod_rm(self, name):
        self.call("RemovePodSandbox", block(1, name))

    def reopen(self, name):
        self.call("ReopenContainerLog", block(1, name))

    def update(self, name, resources):
        self.call("UpdateContainerResources", block(1, name) +
                  block(2, encode("Resources", load(resources))))

    def status(self, name):
        answer = Message(self.call("ContainerStatus", block(1, name)).get(1))
        print(json.dumps({
            "state": STATES[answer.int(3)], "exit_code": answer.int(7),
            "reason": answer.text(10), "message": answer.text(11)}))

    def pids(self, name):
        """The process id, from the verbose half of the status."""
        answer = self.call("ContainerStatus", block(1, name) + scalar(2, 1))
        for entry in answer.all(2):
            print(json.loads(Message(entry).text(2))["pid"])

    def stats(self, name):
        answer = self.call("ContainerStats", block(1, name))
        print(json.dumps({
            "cpu": answer.get(1, 2, 2, 1, default=0),
            "memory": answer.get(1, 3, 2, 1, default=0)}))

    def exec(self, name, seconds, *command):
        answer = self.call(
            "ExecSync", block(1, name) +
            b"".join(block(2, word) for word in command) + scalar(3, seconds))
        sys.stdout.buffer.write(answer.get(1))
        # one may be the other's pipe
        sys.stdout.flush()
        sys.stderr.buffer.write(answer.get(2))
        return answer.int(3) & 255

    def stream(self, name, *command, tty=0):
        body = (block(1, name) + b"".join(block(2, w) for w in command) +
                scalar(3, tty) + scalar(4, 1) + scalar(5, 1) +
                scalar(6, not tty))
        return Stream(self.call("Exec", body).text(1)).run()

    def tty(self, name, *command):
        return self.stream(name, *command, tty=1)

    def attach(self, name):
        body = block(1, name) + b"".join(scalar(n, 1) for n in (2, 4, 5))
        return Stream(self.call("Attach", body).text(1)).run()

    def list(self):
        for method in "ListPodSandbox", "ListContainers":
            for entry in self.call(method).all(1):
                print(method[4:].rstrip("s"), Message(entry).text(1))


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def main(argv):
    if len(argv) < 3 or argv[2].startswith("_"):
        sys.exit(__doc__)
    try:
        return getattr(Client(argv[1]), argv[2])(*argv[3:]) or 0
    except grpc.RpcError as e:
        print(f"{e.code().name}: {e.details()}", file=sys.stderr)
        return 125


if __name__ == "__main__":
    sys.exit(main(sys.argv))
