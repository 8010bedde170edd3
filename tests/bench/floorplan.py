# SPDX-License-Identifier: Apache-2.0
"""Turns a config.json into the C tables that floor.c is compiled with.

The floor is to make the same kernel calls as a runtime would for the same
configuration, without reading any JSON while the clock runs. So the decisions
are taken here, once, and what remains is a list of calls. Left out: the
device program of cgroup v2.
"""
import ctypes
import ctypes.util
import json
import os
import stat

CAPS = """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID
SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW
IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT
SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE
AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM
BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE""".split()

MS = {"ro": 1, "nosuid": 2, "nodev": 4, "noexec": 8, "bind": 4096,
      "rbind": 4096 | 16384, "relatime": 1 << 21, "strictatime": 1 << 24}
RDONLY, REMOUNT, BIND = 1, 32, 4096
PROPAGATION = {"rprivate", "private", "rslave", "slave"}

CLONE = {"mount": "CLONE_NEWNS", "network": "CLONE_NEWNET",
         "uts": "CLONE_NEWUTS", "pid": "CLONE_NEWPID", "ipc": "CLONE_NEWIPC"}

# What every runtime allows besides the configuration, and makes in /dev.
DEVICE_RULES = ["c *:* m", "b *:* m", "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm",
                "c 1:8 rwm", "c 1:9 rwm", "c 5:0 rwm", "c 5:2 rwm",
                "c 136:* rwm"]
NODES = [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8),
         ("urandom", 1, 9), ("tty", 5, 0)]
LINKS = [("/proc/self/fd", "fd"), ("/proc/self/fd/0", "stdin"),
         ("/proc/self/fd/1", "stdout"), ("/proc/self/fd/2", "stderr"),
         ("pts/ptmx", "ptmx")]

ARCHES = {"SCMP_ARCH_X86_64": 0xC000003E, "SCMP_ARCH_X86": 0x40000003,
          "SCMP_ARCH_X32": 0x4000003E, "SCMP_ARCH_AARCH64": 0xC00000B7,
          "SCMP_ARCH_ARM": 0x40000028}
COMPARE = {"SCMP_CMP_NE": 1, "SCMP_CMP_LT": 2, "SCMP_CMP_LE": 3,
           "SCMP_CMP_EQ": 4, "SCMP_CMP_GE": 5, "SCMP_CMP_GT": 6,
           "SCMP_CMP_MASKED_EQ": 7}


class ArgCmp(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int),
                ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def scmp_action(name, errno_ret):
    if name == "SCMP_ACT_ALLOW":
        return 0x7FFF0000
    if name == "SCMP_ACT_ERRNO":
        return 0x00050000 | (1 if errno_ret is None else errno_ret)
    raise ValueError("seccomp action " + name)


def compile_filter(profile, path):
    """Writes the profile as BPF to path with libseccomp; OSError without it."""
    lib = ctypes.CDLL(ctypes.util.find_library("seccomp") or
                      "libseccomp.so.2")
    lib.seccomp_init.restype = ctypes.c_void_p
    default = scmp_action(profile["defaultAction"],
                          profile.get("defaultErrnoRet"))
    ctx = ctypes.c_void_p(lib.seccomp_init(ctypes.c_uint32(default)))
    for arch in profile.get("architectures", []):
        lib.seccomp_arch_add(ctx, ctypes.c_uint32(ARCHES[arch]))
    for rule in profile["syscalls"]:
        action = scmp_action(rule["action"], rule.get("errnoRet"))
        if action == default:
            continue
        cmps = [ArgCmp(a["index"], COMPARE[a["op"]], a["value"],
                       a.get("valueTwo", 0)) for a in rule.get("args", [])]
        if cmps and cmps[0].op == 7:
            cmps = [ArgCmp(c.arg, c.op, c.a, c.b) for c in cmps]
        arr = (ArgCmp * max(len(cmps), 1))(*cmps)
        for name in rule["names"]:
            nr = lib.seccomp_syscall_resolve_name(name.encode())
            if nr == -1:
                continue
            r = lib.seccomp_rule_add_array(ctx, ctypes.c_uint32(action), nr,
                                           len(cmps), arr)
            if r < 0:
                raise OSError(-r, "seccomp rule " + name)
    with open(path, "wb") as out:
        r = lib.seccomp_export_bpf(ctx, out.fileno())
    lib.seccomp_release(ctx)
    if r < 0:
        raise OSError(-r, "seccomp_export_bpf")


def c_str(text):
    return "NULL" if text is None else json.dumps(text)


def op(kind, a=None, b=None, c=None, d=None, flags=0):
    fields = ", ".join(c_str(x) for x in (a, b, c, d))
    return f"\t{{ {kind}, {fields}, {flags}UL }},"


def split_options(options):
    flags, data = 0, []
    for o in options:
        if o in MS:
            flags |= MS[o]
        elif o not in PROPAGATION:
            data.append(o)
    return flags, ",".join(data) or None


def cgroup_mount_ops(dst, flags, host, cgroupns):
    """v2: one mount. v1: a tmpfs with one mount for each hierarchy."""
    if host["v2"]:
        if cgroupns:
            return [op("OP_MOUNT", "cgroup", dst, "cgroup2", None, flags)]
        return [op("OP_CGBIND", dst, flags=0),
                op("OP_REMOUNT", b=dst, flags=flags | REMOUNT | BIND)]
    ops = [op("OP_MOUNT", "tmpfs", dst, "tmpfs", "mode=755",
              flags & ~RDONLY)]
    for index, (path, options) in enumerate(host["hierarchies"]):
        sub = dst + "/" + os.path.basename(path)
        ops.append(op("OP_MKDIR", b=sub, flags=0o755))
        if cgroupns:
            ops.append(op("OP_MOUNT", "cgroup", sub, "cgroup", options,
                          flags))
            continue
        ops.append(op("OP_CGBIND", sub, flags=index))
        ops.append(op("OP_REMOUNT", b=sub, flags=flags | REMOUNT | BIND))
    ops.append(op("OP_REMOUNT", b=dst, flags=flags | REMOUNT | BIND))
    return ops


def dev_ops():
    ops = [op("OP_MKNOD", b="dev/" + n, flags=os.makedev(ma, mi))
           for n, ma, mi in NODES]
    return ops + [op("OP_SYMLINK", t, "dev/" + n) for t, n in LINKS]


def mask_ops(linux):
    ops = []
    for path in linux.get("readonlyPaths", []):
        rel = path[1:]
        if not os.path.exists(path):
            ops.append(op("OP_ABSENT", rel, rel, flags=BIND | 16384))
            continue
        ops.append(op("OP_MOUNT", rel, rel, flags=BIND | 16384))
        ops.append(op("OP_REMOUNT", b=rel,
                      flags=BIND | REMOUNT | RDONLY | 2 | 4 | 8))
    for path in linux.get("maskedPaths", []):
        rel = path[1:]
        if not os.path.exists(path):
            ops.append(op("OP_ABSENT", "dev/null", rel, flags=BIND))
        elif stat.S_ISDIR(os.stat(path).st_mode):
            ops.append(op("OP_MOUNT", "tmpfs", rel, "tmpfs", None, RDONLY))
        else:
            ops.append(op("OP_MOUNT", "dev/null", rel, flags=BIND))
    return ops


def mount_ops(config, host):
    linux = config["linux"]
    cgroupns = {"type": "cgroup"} in linux["namespaces"]
    ops = []
    for m in config["mounts"]:
        flags, data = split_options(m.get("options", []))
        dst = m["destination"][1:]
        if dst.startswith("dev/") and m["type"] != "bind":
            ops.append(op("OP_MKDIR", b=dst, flags=0o755))
        if m["type"] == "cgroup":
            ops += cgroup_mount_ops(dst, flags, host, cgroupns)
            continue
        bind = m["type"] == "bind"
        ops.append(op("OP_MOUNT", m["source"], dst,
                      None if bind else m["type"], data, flags))
        if bind:
            ops.append(op("OP_MOUNT", b=dst, flags=(1 << 18) | 16384))
    ops += dev_ops()
    for key, value in linux.get("sysctl", {}).items():
        ops.append(op("OP_WRITE", "proc/sys/" + key.replace(".", "/"), value))
    if "oomScoreAdj" in config["process"]:
        ops.append(op("OP_WRITE", "proc/self/oom_score_adj",
                      str(config["process"]["oomScoreAdj"])))
    ops += mask_ops(linux)
    if config["root"].get("readonly"):
        ops.append(op("OP_REMOUNT", b=".", flags=BIND | REMOUNT | RDONLY))
    return ops


def limits(config, host):
    """(hierarchy index, file, value) of every cgroup write."""
    res = config["linux"].get("resources", {})
    mem, cpu = res.get("memory", {}), res.get("cpu", {})
    out = []
    if host["v2"]:
        if "limit" in mem:
            out.append((0, "memory.max", mem["limit"]))
        if "quota" in cpu:
            out.append((0, "cpu.max", f"{cpu['quota']} {cpu['period']}"))
        if "shares" in cpu:
            weight = 1 + ((cpu["shares"] - 2) * 9999) // 262142
            out.append((0, "cpu.weight", weight))
        if "pids" in res:
            out.append((0, "pids.max", res["pids"]["limit"]))
        return out
    index = {}
    for i, (path, _) in enumerate(host["hierarchies"]):
        for name in os.path.basename(path).split(","):
            index[name] = i
    table = [("cpuset", "cpuset.cpus", host.get("cpus")),
             ("cpuset", "cpuset.mems", host.get("mems")),
             ("memory", "memory.limit_in_bytes", mem.get("limit")),
             ("cpu", "cpu.shares", cpu.get("shares")),
             ("cpu", "cpu.cfs_period_us", cpu.get("period")),
             ("cpu", "cpu.cfs_quota_us", cpu.get("quota")),
             ("pids", "pids.max", res.get("pids", {}).get("limit"))]
    for d in res.get("devices", []):
        file = "devices.allow" if d["allow"] else "devices.deny"
        rule = "a" if "type" not in d else \
            f"{d['type']} {d['major']}:{d['minor']} {d['access']}"
        table.append(("devices", file, rule))
    table += [("devices", "devices.allow", r) for r in DEVICE_RULES]
    return [(index[c], f, v) for c, f, v in table
            if c in index and v is not None]


def cap_mask(names):
    return sum(1 << CAPS.index(n.removeprefix("CAP_")) for n in names)


def header(config, host, rootfs, tag, filter_path):
    """The text of the header that floor.c includes as CONFIG_H."""
    proc, linux = config["process"], config["linux"]
    caps = proc["capabilities"]
    spaces = [n["type"] for n in linux["namespaces"]]
    out = ["#define ROOTFS " + c_str(rootfs),
           "#define CGROUP_TAG " + c_str(tag),
           "#define FILTER " + c_str(filter_path),
           "#define HOSTNAME " + c_str(config["hostname"]),
           "#define CGROUPNS %d" % ("cgroup" in spaces),
           "#define NO_NEW_PRIVS %d" % proc.get("noNewPrivileges", False),
           "#define NAMESPACES (%s)" % " | ".join(
               CLONE[s] for s in spaces if s in CLONE)]
    out += [f"#define CAPS_{s.upper()} 0x{cap_mask(caps.get(s, [])):x}ULL"
            for s in ("bounding", "effective", "permitted", "inheritable")]
    out.append("static const gid_t groups[] = { %s };" % ", ".join(
        str(g) for g in proc["user"].get("additionalGids", [0])))
    out.append("static const struct op ops[] = {")
    out += mount_ops(config, host) + ["};"]
    out.append("static const char *const hierarchies[] = {")
    out += [f"\t{c_str(p)}," for p in host["joined"]] + ["};"]
    out.append("static const struct limit limits[] = {")
    out += [f"\t{{ {h}, {c_str(f)}, {c_str(str(v))} }},"
            for h, f, v in limits(config, host)]
    out.append("\t{ -1, NULL, NULL },\n};")
    out.append("static const struct rlim rlimits[] = {")
    out += [f"\t{{ {r['type']}, {{ {r['soft']}, {r['hard']} }} }},"
            for r in proc.get("rlimits", [])]
    out.append("\t{ -1, { 0, 0 } },\n};")
    out.append("static const char *const environment[] = {")
    out += [f"\t{c_str(e)}," for e in proc["env"]] + ["\tNULL,\n};"]
    return "\n".join(out) + "\n"
