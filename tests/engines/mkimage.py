#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make small container images without a registry or an image tool.

usage: mkimage.py archive OUT NAME BUSYBOX [ENTRYPOINT...]
       mkimage.py rootfs DIR BUSYBOX

"archive" writes a docker-archive (docker save format; containerd, podman
and buildah load it) that holds one layer: a statically linked busybox, its
applets as links, and a minimal /etc.  "rootfs" unpacks the same tree.
Only the standard library is used; the output is the same bytes each time.
"""

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile

DIRS = {
    "bin": 0o755, "dev": 0o755, "etc": 0o755, "home": 0o755,
    "proc": 0o555, "root": 0o700, "run": 0o755, "sys": 0o555,
    "tmp": 0o1777, "usr": 0o755, "usr/bin": 0o755, "var": 0o755,
    "data": 0o755,
}

FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n"
                  "alice:x:1234:1234:Alice:/home:/bin/sh\n",
    "etc/group": "root:x:0:\nalice:x:1234:\nextra:x:4321:alice\n",
    "etc/hostname": "image\n",
    "data/seed": "from the image\n",
}

# Not an applet to offer: the name of the program itself, and applets whose
# presence makes engines behave differently.
SKIP = {"busybox", "init", "linuxrc"}


def applets(busybox):
    out = subprocess.run([busybox, "--list"], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    return sorted(set(out.split()) - SKIP)


def tree(busybox):
    """Yield (name, kind, mode, payload) for every entry of the tree."""
    for name, mode in sorted(DIRS.items()):
        yield name, "dir", mode, None
    with open(busybox, "rb") as f:
        yield "bin/busybox", "file", 0o755, f.read()
    for name in applets(busybox):
        yield "bin/" + name, "link", 0o777, "busybox"
    for name, text in sorted(FILES.items()):
        yield name, "file", 0o644, text.encode()
    yield "etc/not-executable", "file", 0o644, b"#!/bin/sh\n"


def make_rootfs(top, busybox):
    os.makedirs(top, exist_ok=True)
    for name, kind, mode, payload in tree(busybox):
        path = os.path.join(top, name)
        if kind == "dir":
            os.makedirs(path, exist_ok=True)
            os.chmod(path, mode)
        elif kind == "link":
            os.symlink(payload, path)
        else:
            with open(path, "wb") as f:
                f.write(payload)
            os.chmod(path, mode)


def add(tar, name, data, mode=0o644):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mode = mode
    tar.addfile(info, io.BytesIO(data))


def make_layer(busybox):
    buf = io.BytesIO()
    with tarfile.open(fileobj=buf, mode="w", format=tarfile.USTAR_FORMAT) as t:
        for name, kind, mode, payload in tree(busybox):
            if kind == "file":
                add(t, name, payload, mode)
                continue
            info = tarfile.TarInfo(name)
            info.mode = mode
            if kind == "dir":
                info.type = tarfile.DIRTYPE
            else:
                info.type = tarfile.SYMTYPE
                info.linkname = payload
            t.addfile(info)
    return buf.getvalue()


def make_archive(out, name, busybox, entrypoint):
    layer = make_layer(busybox)
    layer_id = hashlib.sha256(layer).hexdigest()
    run = {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
                   ":/sbin:/bin"],
           "Cmd": ["sh"]}
    if entrypoint:
        run["Entrypoint"] = entrypoint
        del run["Cmd"]
    config = json.dumps({
        "architecture": "amd64" if os.uname().machine == "x86_64"
                        else "arm64",
        "os": "linux",
        "created": "2024-01-01T00:00:00Z",
        "config": run,
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + layer_id]},
        "history": [{"created": "2024-01-01T00:00:00Z",
                     "created_by": "mkimage.py"}],
    }).encode()
    config_id = hashlib.sha256(config).hexdigest()
    manifest = json.dumps([{
        "Config": config_id + ".json",
        "RepoTags": [name],
        "Layers": [layer_id + "/layer.tar"],
    }]).encode()
    with tarfile.open(out, "w", format=tarfile.USTAR_FORMAT) as t:
        add(t, config_id + ".json", config)
        add(t, layer_id + "/layer.tar", layer)
        add(t, "manifest.json", manifest)


def main(argv):
    if len(argv) >= 5 and argv[1] == "archive":
        make_archive(argv[2], argv[3], argv[4], argv[5:])
    elif len(argv) == 4 and argv[1] == "rootfs":
        make_rootfs(argv[2], argv[3])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv)
