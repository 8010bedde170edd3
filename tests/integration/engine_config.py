#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Configurations as engines write them, made to run on this machine.

engine_config.py adapt IN BUNDLE SCRATCH CGROUP
    Rewrites IN to BUNDLE/config.json: paths of the engine's host become
    paths below SCRATCH, joined namespaces become new ones, and what this
    machine refuses to anybody (higher limits, capabilities outside the
    bounding set, labels of a security module that is not there) goes. The
    process prints what it is, then END, and sleeps.

engine_config.py check BUNDLE OUTPUT CGROUP SCRATCH
    Compares what the process printed, and the cgroup, with the
    configuration. Prints every difference; exit status 1 if there is one.
"""
import json
import os
import resource
import sys

CAPS = """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID
SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW
IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT
SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE
AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM
BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE""".split()

LIMITS = {
    "RLIMIT_AS": "Max address space", "RLIMIT_CORE": "Max core file size",
    "RLIMIT_NOFILE": "Max open files", "RLIMIT_NPROC": "Max processes",
    "RLIMIT_MEMLOCK": "Max locked memory", "RLIMIT_STACK": "Max stack size",
}

# A file, not a directory, is bound there.
FILES = ("/etc/", "/run/.containerenv", "/sbin/docker-init", "/usr/lib/lib",
         "/dev/termination-log")

CG = "/sys/fs/cgroup"


def mask(names):
    return sum(1 << CAPS.index(n[4:]) for n in names or () if n[4:] in CAPS)


def own_bounding():
    for line in open("/proc/self/status"):
        if line.startswith("CapBnd:"):
            return int(line.split()[1], 16)


def own_oom():
    return int(open("/proc/self/oom_score_adj").read())


def is_file(dst):
    return dst.startswith(FILES) or dst == "/etc/hosts"


def adapt_mounts(spec, scratch):
    n = 0
    for m in spec.get("mounts", []):
        opts = m.get("options", [])
        # Mapped mounts are a test of their own.
        for key in ("uidMappings", "gidMappings"):
            m.pop(key, None)
        opts = [o for o in opts if o not in ("idmap", "ridmap")]
        m["options"] = opts
        if not ({"bind", "rbind"} & set(opts) or m.get("type") == "bind"):
            continue
        src = m["source"]
        if src in ("/sys", "/proc", "/dev"):
            continue
        n += 1
        src = os.path.join(scratch, "src%d" % n)
        if is_file(m["destination"]):
            open(src, "w").write("127.0.0.1 localhost\n")
        else:
            os.makedirs(src, exist_ok=True)
        os.chmod(src, 0o755)
        m["source"] = src


def adapt_process(spec):
    p = spec["process"]
    p["terminal"] = False
    p.pop("consoleSize", None)
    for key in ("apparmorProfile", "selinuxLabel"):
        p.pop(key, None)
    env = [e for e in p.get("env", []) if not e.startswith("PATH=")]
    p["env"] = ["PATH=/bin:/usr/bin"] + env
    if p.get("oomScoreAdj") is not None:
        p["oomScoreAdj"] = max(p["oomScoreAdj"], own_oom())
    for r in p.get("rlimits", []):
        _, hard = resource.getrlimit(getattr(resource, r["type"]))
        if hard != resource.RLIM_INFINITY:
            r["hard"] = min(r["hard"], hard)
        r["soft"] = min(r["soft"], r["hard"])
    bound = own_bounding()
    for name, caps in p.get("capabilities", {}).items():
        p["capabilities"][name] = [c for c in caps if mask([c]) & bound]


def adapt_resources(spec):
    r = spec["linux"].get("resources", {})
    for key in ("hugepageLimits", "unified", "network", "rdma"):
        r.pop(key, None)
    if not os.path.exists(CG + "/blkio/blkio.weight"):
        r.get("blockIO", {}).pop("weight", None)
        r.get("blockIO", {}).pop("leafWeight", None)
    for key in list(r.get("blockIO", {})):
        if key.endswith("Device"):
            r["blockIO"].pop(key)
    if not os.path.exists(CG + "/memory/memory.memsw.limit_in_bytes"):
        r.get("memory", {}).pop("swap", None)


def adapt_hooks(spec, scratch):
    for point, hooks in spec.get("hooks", {}).items():
        for h in hooks:
            h["path"] = "/bin/sh"
            h["args"] = ["sh", "-c", "echo %s >>%s/hooks" % (point, scratch)]


def script(spec):
    lin = spec["linux"]
    out = ["echo PWD $(pwd)", "echo UMASK $(umask)",
           "echo HOSTNAME $(hostname)", "cat /proc/self/status",
           "sed 's/^/LIMIT /' /proc/self/limits",
           "echo OOM $(cat /proc/self/oom_score_adj)",
           "sed 's/^/MOUNT /' /proc/self/mountinfo",
           "env | sed 's/^/ENV /'"]
    for p in lin.get("maskedPaths", []):
        out.append("[ ! -e '%s' ] || echo MASK '%s' $(stat -c '%%F %%t:%%T' "
                   "'%s') $(ls -A '%s' 2>/dev/null | grep -vxF '%s' "
                   "| wc -l)" % (p, p, p, p, p))
    for k in lin.get("sysctl", {}):
        out.append("echo SYSCTL %s $(cat /proc/sys/%s)"
                   % (k, k.replace(".", "/")))
    for d in lin.get("devices", []):
        out.append("echo DEVICE '%s' $(stat -c '%%t:%%T' '%s')"
                   % (d["path"], d["path"]))
    return "\n".join(out + ["echo END", "exec sleep 100"])


def adapt(src, bundle, scratch, cgroup):
    spec = json.load(open(src))
    lin = spec["linux"]
    spec["root"]["path"] = os.path.join(bundle, "rootfs")
    adapt_process(spec)
    adapt_mounts(spec, scratch)
    adapt_resources(spec)
    adapt_hooks(spec, scratch)
    for ns in lin["namespaces"]:
        ns.pop("path", None)
    for key in ("intelRdt", "mountLabel"):
        lin.pop(key, None)
    lin["cgroupsPath"] = cgroup
    lin["devices"] = [d for d in lin.get("devices", [])
                      if not d["path"].startswith("/dev/nvidia")]
    if any(n["type"] == "user" for n in lin["namespaces"]):
        uid = lin["uidMappings"][0]["hostID"]
        gid = lin["gidMappings"][0]["hostID"]
        for top, dirs, files in os.walk(bundle + "/rootfs"):
            if "bin" in top:
                continue
            for name in [top] + [os.path.join(top, f) for f in files]:
                os.lchown(name, uid, gid)
    spec["process"]["args"] = ["sh", "-c", script(spec)]
    json.dump(spec, open(bundle + "/config.json", "w"), indent="\t")


class Report:
    def __init__(self):
        self.bad = 0

    def same(self, what, got, want):
        if got != want:
            print("%s: expected %r, got %r" % (what, want, got))
            self.bad = 1


def rows(text, tag):
    return [l[len(tag) + 1:] for l in text.splitlines()
            if l.startswith(tag + " ")]


def field(text, name):
    for line in text.splitlines():
        if line.startswith(name + ":"):
            return line.split(":", 1)[1].strip()
    return None


def check_process(rep, spec, text):
    p = spec["process"]
    user = p["user"]
    uid, gid = user.get("uid", 0), user.get("gid", 0)
    rep.same("uid", field(text, "Uid"), "\t".join([str(uid)] * 4))
    rep.same("gid", field(text, "Gid"), "\t".join([str(gid)] * 4))
    rep.same("groups",
             sorted({int(g) for g in field(text, "Groups").split()}),
             sorted(set(user.get("additionalGids", []))))
    rep.same("cwd", rows(text, "PWD"), [p["cwd"]])
    rep.same("umask", int(rows(text, "UMASK")[0], 8), user.get("umask", 0o22))
    rep.same("no new privs", field(text, "NoNewPrivs"),
             str(int(p.get("noNewPrivileges", False))))
    if "capabilities" in p:
        caps = {k: mask(v) for k, v in p["capabilities"].items()}
        bnd, inh = caps.get("bounding", 0), caps.get("inheritable", 0)
        amb = caps.get("ambient", 0) & inh & caps.get("permitted", 0)
        eff = inh | bnd if uid == 0 else amb
        for name, want in (("CapBnd", bnd), ("CapInh", inh), ("CapEff", eff),
                           ("CapPrm", eff)):
            rep.same(name, field(text, name), "%016x" % want)
    for r in p.get("rlimits", []):
        want = [str(r["soft"]), str(r["hard"])]
        name = LIMITS[r["type"]]
        line = [l for l in rows(text, "LIMIT") if l.startswith(name)]
        rep.same(name, line[0][len(name):].split()[:2], want)
    if p.get("oomScoreAdj") is not None:
        rep.same("oom", rows(text, "OOM"), [str(p["oomScoreAdj"])])
    env = dict(e.split("=", 1) for e in p["env"])
    got = dict(e.split("=", 1) for e in rows(text, "ENV") if "=" in e)
    for k, v in env.items():
        rep.same("env " + k, got.get(k), v)


def check_mounts(rep, spec, text):
    seen = {}
    for l in rows(text, "MOUNT"):
        f = l.split()
        dash = f.index("-")
        flags = f[5].split(",")
        # A file system that is read-only as a whole is as good.
        # (The source before these flags may be an empty word.)
        flags += [w for w in f[-1].split(",") if w == "ro"]
        seen[f[4]] = (flags, f[dash + 1])
    last = {m["destination"].rstrip("/"): m for m in spec.get("mounts", [])}
    for dst, m in last.items():
        opts = m.get("options", [])
        if dst not in seen:
            print("not mounted: " + dst)
            rep.bad = 1
            continue
        flags, fstype = seen[dst]
        # On v1 the controllers below it count.
        if m.get("type") == "cgroup" and dst + "/memory" in seen:
            flags = seen[dst + "/memory"][0]
        if m.get("type") in ("proc", "tmpfs", "sysfs", "devpts", "mqueue"):
            rep.same("type of " + dst, fstype, m["type"])
        for word in ("ro", "nosuid", "nodev", "noexec", "noatime"):
            if word in opts or "r" + word in opts and word != "ro":
                if word not in flags:
                    print("%s is not %s: %s" % (dst, word, flags))
                    rep.bad = 1
        if "rro" in opts and "ro" not in flags:
            print("%s is not rro: %s" % (dst, flags))
            rep.bad = 1
    rep.same("read-only root", "ro" in seen["/"][0],
             bool(spec["root"].get("readonly")))
    for p in spec["linux"].get("readonlyPaths", []):
        if p in seen:
            rep.same("read-only " + p, "ro" in seen[p][0], True)
        elif os.path.exists(p):
            print("not read-only: " + p)
            rep.bad = 1


def check_linux(rep, spec, text):
    lin = spec["linux"]
    rep.same("seccomp", field(text, "Seccomp"),
             "2" if lin.get("seccomp", {}).get("defaultAction") else "0")
    if "hostname" in spec:
        rep.same("hostname", rows(text, "HOSTNAME"), [spec["hostname"]])
    for l in rows(text, "MASK"):
        f = l.rsplit(None, 1)
        ok = "1:3" in f[0] or "directory" in f[0] and f[1] == "0"
        if not ok:
            print("not masked: " + l)
            rep.bad = 1
    for k, v in lin.get("sysctl", {}).items():
        got = [l for l in rows(text, "SYSCTL") if l.split()[0] == k]
        rep.same("sysctl " + k, got[0].split()[1:], v.split())
    for d in lin.get("devices", []):
        # That one is the link to pts/ptmx.
        if d["path"] == "/dev/ptmx":
            continue
        want = "%s %x:%x" % (d["path"], d["major"], d["minor"])
        if want not in rows(text, "DEVICE"):
            print("no device " + want)
            rep.bad = 1


def check_cgroup(rep, spec, cgroup):
    r = spec["linux"].get("resources", {})

    def value(ctrl, name, want):
        got = open(CG + "/" + ctrl + cgroup + "/" + name).read().strip()
        rep.same(name, got, str(want))

    mem, cpu = r.get("memory", {}), r.get("cpu", {})
    page = os.sysconf("SC_PAGE_SIZE")
    if mem.get("limit", 0) > 0:
        value("memory", "memory.limit_in_bytes", mem["limit"] // page * page)
    if mem.get("reservation", 0) > 0:
        value("memory", "memory.soft_limit_in_bytes",
              mem["reservation"] // page * page)
    if cpu.get("shares", 0) > 1:
        value("cpu", "cpu.shares", cpu["shares"])
    if cpu.get("quota", 0) > 0:
        value("cpu", "cpu.cfs_quota_us", cpu["quota"])
    if cpu.get("period", 0) > 0:
        value("cpu", "cpu.cfs_period_us", cpu["period"])
    if cpu.get("cpus"):
        value("cpuset", "cpuset.cpus", cpu["cpus"])
    limit = r.get("pids", {}).get("limit", 0)
    if limit > 0:
        value("pids", "pids.max", limit)


def check(bundle, output, cgroup, scratch):
    rep = Report()
    spec = json.load(open(bundle + "/config.json"))
    text = open(output).read()
    check_process(rep, spec, text)
    check_mounts(rep, spec, text)
    check_linux(rep, spec, text)
    check_cgroup(rep, spec, cgroup)
    ran = []
    if os.path.exists(scratch + "/hooks"):
        ran = open(scratch + "/hooks").read().split()
    want = [p for p in ("prestart", "createRuntime", "createContainer",
                        "poststart")
            for _ in spec.get("hooks", {}).get(p, [])]
    rep.same("hooks", ran, want)
    return rep.bad


if sys.argv[1] == "adapt":
    adapt(*sys.argv[2:])
else:
    sys.exit(check(*sys.argv[2:]))
