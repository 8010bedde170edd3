# SPDX-License-Identifier: Apache-2.0
"""The private place in which the bench runs, and the runtimes in it.

Everything lives on a tmpfs in a mount namespace of this process: programs,
bundles, state. What outlives a namespace, that is containers and cgroups, is
removed by close().
"""
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import floorplan

HERE = os.path.dirname(os.path.abspath(__file__))
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 16384, 1 << 18
libc = ctypes.CDLL(None, use_errno=True)


class Failure(Exception):
    pass


def check(r, what):
    if r < 0:
        raise OSError(ctypes.get_errno(), what)


def log(text):
    print(text, file=sys.stderr, flush=True)


def read(path):
    with open(path) as f:
        return f.read()


def scan_host():
    """Which cgroup hierarchies there are: the mounts of this process."""
    v1, v2 = [], None
    for line in read("/proc/self/mountinfo").splitlines():
        left, right = line.split(" - ", 1)
        path, (kind, _, options) = left.split()[4], right.split(" ", 2)
        if kind == "cgroup":
            names = [o for o in options.split(",") if o not in ("rw", "ro") and
                     not o.startswith(("release_agent", "clone_children"))]
            data = ",".join(names)
            if data.startswith("name="):
                data = "none," + data
            v1.append((path, data))
        elif kind == "cgroup2":
            v2 = path
    host = {"v2": not v1, "hierarchies": v1 or [(v2, None)],
            "unified": v2 if v1 else None}
    host["joined"] = all_hierarchies(host)
    for path, _ in v1:
        if os.path.basename(path) == "cpuset":
            host["cpus"] = read(path + "/cpuset.cpus").strip()
            host["mems"] = read(path + "/cpuset.mems").strip()
    return host


def all_hierarchies(host):
    extra = [host["unified"]] if host["unified"] else []
    return [p for p, _ in host["hierarchies"]] + extra


def make_cgroup_parents(host, tag):
    for top in all_hierarchies(host):
        os.mkdir(top + tag)
        if os.path.basename(top) == "cpuset":
            for f in ("cpus", "mems"):
                with open(f"{top}{tag}/cpuset.{f}", "w") as out:
                    out.write(host[f])
    if host["v2"]:
        for d in ("", tag):
            base = host["hierarchies"][0][0] + d
            have = set(read(base + "/cgroup.controllers").split())
            for c in have & {"cpu", "cpuset", "memory", "pids", "io"}:
                with open(base + "/cgroup.subtree_control", "w") as out:
                    out.write("+" + c)


def remove_cgroups(host, tag):
    for top in all_hierarchies(host):
        for base, _, _ in os.walk(top + tag, topdown=False):
            for _ in range(200):
                try:
                    for pid in read(base + "/cgroup.procs").split():
                        os.kill(int(pid), signal.SIGKILL)
                    os.rmdir(base)
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.01)
            else:
                log(f"bench: cannot remove {base}")


def static_cc():
    """musl where it is, as the smallest start; else the C compiler."""
    cc = os.environ.get("CC", "cc")
    if "CC" not in os.environ and shutil.which("musl-gcc"):
        arch = os.uname().machine + "-linux-gnu"
        return ["musl-gcc", "-idirafter", "/usr/include", "-idirafter",
                "/usr/include/" + arch]
    return cc.split()


def build(out, source, *flags):
    cmd = static_cc() + ["-std=gnu17", "-Os", "-static", "-Wall", "-Wextra",
                         "-o", out, os.path.join(HERE, source), *flags]
    subprocess.run(cmd, check=True)
    return out


class Bench:
    """The private place: tmpfs, root filesystem, bundles, programs."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="tare-bench.")
        self.tag = "/tare-bench-%d" % os.getpid()
        check(libc.unshare(CLONE_NEWNS), "unshare")
        check(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None),
              "mount /")
        check(libc.mount(b"tmpfs", self.dir.encode(), b"tmpfs", 0,
                         b"mode=0755"), "mount tmpfs")
        self.host = scan_host()
        self.bundles = {}

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def prepare(self, configs):
        make_cgroup_parents(self.host, self.tag)
        self.timer = build(self.path("timer"), "timer.c")
        payload = build(self.path("payload"), "payload.c")
        for d in ("bin", "proc", "sys", "dev", "etc"):
            os.makedirs(self.path("rootfs", d))
        for name in ("true", "sleeper"):
            shutil.copy(payload, self.path("rootfs", "bin", name))
        os.mkdir(self.path("files"))
        for name in ("resolv.conf", "hostname", "hosts"):
            for place in (("files",), ("rootfs", "etc")):
                open(self.path(*place, name), "w").close()
        for config in configs:
            self.make_floor(config)

    def load(self, config, cgroup):
        text = read(os.path.join(HERE, "configs", config + ".json"))
        return json.loads(text.replace("@ROOTFS@", self.path("rootfs"))
                          .replace("@FILES@", self.path("files"))
                          .replace("@CGROUP@", cgroup))

    def make_floor(self, config):
        spec = self.load(config, "")
        code = None
        if "seccomp" in spec["linux"]:
            code = self.path(config + ".bpf")
            try:
                floorplan.compile_filter(spec["linux"]["seccomp"], code)
            except OSError as e:
                log(f"bench: the floor has no filter: {e}")
                code = None
        header = self.path(config + ".h")
        with open(header, "w") as f:
            f.write(floorplan.header(spec, self.host, self.path("rootfs"),
                                     self.tag, code))
        build(self.path("floor-" + config), "floor.c",
              f'-DCONFIG_H="{header}"')

    def bundle(self, config, ident, program):
        """A bundle whose cgroup is named after the container."""
        key = (config, ident, program)
        if key not in self.bundles:
            path = self.path("bundles", "-".join(key))
            os.makedirs(path)
            spec = self.load(config, f"{self.tag}/{ident}")
            spec["process"]["args"] = ["/bin/" + program]
            with open(path + "/config.json", "w") as f:
                json.dump(spec, f)
            self.bundles[key] = path
        return self.bundles[key]

    def limited_bundle(self, name, config, kib):
        """The same, with one memory limit and no swap."""
        path = self.path("bundles", f"limit-{name}-{config}")
        os.makedirs(path, exist_ok=True)
        spec = self.load(config, f"{self.tag}/{name}-{config}-limit")
        spec["process"]["args"] = ["/bin/true"]
        spec["linux"].setdefault("resources", {})["memory"] = {
            "limit": kib * 1024, "swap": kib * 1024}
        with open(path + "/config.json", "w") as f:
            json.dump(spec, f)
        return path

    def close(self):
        remove_cgroups(self.host, self.tag)
        libc.umount2(self.dir.encode(), 2)
        os.rmdir(self.dir)


class Runtime:
    """Argument vectors of one runtime, and the timer that starts them."""

    def __init__(self, bench, name, binary, hide):
        self.bench, self.name, self.binary = bench, name, binary
        self.root = bench.path("state-" + name)
        self.errors = bench.path("stderr-" + name)
        self.live = set()
        os.mkdir(self.root, 0o700)
        cmd = [bench.timer, "--log", self.errors, "--nice", "-20"]
        if hide:
            cmd += ["--hide", hide]
        self.timer = subprocess.Popen(cmd, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)

    def ident(self, config, slot):
        return f"{self.name}-{config}-{slot}"

    def argv(self, op, config, slot="0", program="true"):
        ident = self.ident(config, slot)
        if op == "version":
            return [self.binary, "--version"]
        bundle = self.bench.bundle(config, ident, program)
        pidfile = self.bench.path(ident + ".pid")
        tail = {"run": ["--bundle", bundle, ident],
                "create": ["--bundle", bundle, "--pid-file", pidfile, ident],
                "exec": [ident, "/bin/true"],
                "kill": [ident, "KILL"],
                "list": [],
                "delete-f": ["--force", ident]}.get(op, [ident])
        verb = "delete" if op == "delete-f" else op
        return [self.binary, "--root", self.root, verb] + tail

    def init_pid(self, config, slot):
        return int(read(self.bench.path(self.ident(config, slot) + ".pid")))

    def request(self, mode, argvs, name):
        """(ms, peak KiB, page faults); Failure if a command fails."""
        text = f"{mode} {len(argvs)}\n" + "".join(
            "\t".join(a) + "\n" for a in argvs)
        try:
            self.timer.stdin.write(text)
            self.timer.stdin.flush()
            ns, rc, *rest = self.timer.stdout.readline().split()
        except (OSError, ValueError):
            raise Failure(f"{self.name} {name}: the timer ended") from None
        if int(rc):
            lines = read(self.errors).strip().splitlines()[-3:]
            raise Failure(f"{self.name} {name}: status {rc}: " +
                          " | ".join(lines))
        return int(ns) / 1e6, int(rest[0]), int(rest[1])

    def do(self, op, config, slot="0", program="true"):
        """One command, with the book kept of what must be deleted."""
        argv = self.argv(op, config, slot, program)
        if op in ("create", "run"):
            self.live.add((config, slot))
        result = self.request("seq", [argv], f"{op} {config}")
        if op in ("run", "delete", "delete-f"):
            self.live.discard((config, slot))
        return result

    def many(self, op, config, count, parallel):
        slots = [str(i if parallel else 0) for i in range(count)]
        argvs = [self.argv(op, config, s if op == "run" else "0")
                 for s in slots]
        if op == "run":
            self.live.update((config, s) for s in slots)
        r = self.request("par" if parallel else "seq", argvs,
                         f"{op}-{count} {config}")
        if op == "run":
            self.live.difference_update((config, s) for s in slots)
        return r

    def wait_stopped(self, config, slot):
        pid = self.init_pid(config, slot)
        for _ in range(2000):
            if not os.path.exists(f"/proc/{pid}"):
                return
            time.sleep(0.001)
        raise Failure(f"{self.name}: container still there after kill")

    def close(self):
        for config, slot in list(self.live):
            try:
                self.do("delete-f", config, slot)
            except Failure:
                pass
        try:
            self.timer.stdin.close()
            self.timer.wait(60)
        except (OSError, subprocess.TimeoutExpired):
            self.timer.kill()


class Floor(Runtime):
    def argv(self, op, config, slot="0", program="true"):
        binary = self.bench.path("floor-" + config)
        if op == "version":
            return [binary, "--version"]
        ident = self.ident(config, slot)
        verb = "force" if op == "delete-f" else op
        return [binary, verb, self.root + "/" + ident, ident,
                "/bin/" + program]

    def init_pid(self, config, slot):
        return int(read(f"{self.root}/{self.ident(config, slot)}/pid"))
