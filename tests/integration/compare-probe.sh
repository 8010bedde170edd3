#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Tells what a process sees, one "key: value" a line; run by busybox inside a
# container. /host-ns has the links of the host's namespaces.

while read -r name link; do
	if [ "$(readlink "/proc/self/ns/$name")" = "$link" ]; then
		echo "ns $name: the host's"
	else
		echo "ns $name: another"
	fi
done </host-ns

echo "id: $(id -u):$(id -g) $(id -G)"
echo "umask: $(umask)"
echo "cwd: $(pwd) $(stat -c '%a %u:%g' .)"
echo "hostname: $(hostname)"
echo "domainname: $(cat /proc/sys/kernel/domainname)"
echo "args: $*"
echo "fds: $(ls /proc/self/fd | tr '\n' ' ')"
env | sed 's/^/env: /' | grep -v -E '^env: (_|SHLVL|PWD|OLDPWD)='
grep -E '^(Cap|NoNewPrivs|Seccomp:|Sig(Blk|Ign)|Cpus_allowed_list|Groups)' \
	/proc/self/status | sed 's/^/status: /'
sed 's/^/limit: /' /proc/self/limits
echo "oom: $(cat /proc/self/oom_score_adj)"
echo "sched: $(awk '/^(policy|prio)/ { print $3 }' /proc/self/sched |
	tr '\n' ' ')"
echo "personality: $(cat /proc/self/personality) $(uname -m)"
echo "uid map: $(cat /proc/self/uid_map)"
echo "gid map: $(cat /proc/self/gid_map)"
echo "setgroups: $(cat /proc/self/setgroups)"
sed 's/^/timens: /' /proc/self/timens_offsets
for f in net/ipv4/ip_forward net/ipv4/ping_group_range kernel/shmmni \
	fs/mqueue/queues_max; do
	echo "sysctl: $f $(cat /proc/sys/$f 2>&1)"
done
echo "interfaces: $(cut -d: -f1 -s /proc/net/dev | tr -d ' \n')"
echo "loopback: $(ip -o addr show lo 2>/dev/null | awk '{ print $4 }' |
	tr '\n' ' ')"
echo "init: $(tr '\0' ' ' </proc/1/cmdline | head -c 20)"

awk '{
	tags = ""
	for (i = 7; $i != "-"; i++)
		tags = tags " " without_group($i)
	print "mount: " $5, $6, $(i + 1), $(i + 3) tags
}
function without_group(s) { sub(/:.*/, "", s); return s }
' /proc/self/mountinfo

find /dev -maxdepth 1 ! -type d | sort | while read -r f; do
	if [ -L "$f" ]; then
		echo "dev: $f -> $(readlink "$f")"
	else
		echo "dev: $f $(stat -c '%A %u:%g %t:%T' "$f")"
	fi
done
for f in /proc/kcore /proc/keys /proc/timer_list /etc/passwd; do
	echo "read: $f $(head -c 16 "$f" 2>/dev/null | wc -c)"
done
for d in / /tmp /etc /proc/sys/kernel /sys /dev /dev/shm /mnt; do
	[ -d "$d" ] || continue
	if touch "$d/probe" 2>/dev/null; then
		echo "write: $d yes"
		rm -f "$d/probe"
	else
		echo "write: $d no"
	fi
done
[ ! -d /mnt ] || ls -ln /mnt | awk 'NF > 4 { print "mnt:", $1, $3, $4, $NF }'
