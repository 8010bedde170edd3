/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/op_info.h"

#include <sched.h>
#include <sys/mount.h>

#include "spec/mempolicy.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
#define MS_LAZYTIME_BIT (1 << 25)

static const struct enum_name namespaces[] = {
	{ "user", CLONE_NEWUSER },
	{ "mount", CLONE_NEWNS },
	{ "pid", CLONE_NEWPID },
	{ "network", CLONE_NEWNET },
	{ "uts", CLONE_NEWUTS },
	{ "ipc", CLONE_NEWIPC },
	{ "time", CLONE_NEWTIME },
	{ "cgroup", CLONE_NEWCGROUP },
	{ NULL, 0 },
};
static const struct enum_name syncs[] = {
	{ "namespaces", SYNC_USERNS },
	{ "runtime-hooks", SYNC_RUNTIME },
	{ "rlimits", SYNC_RLIMITS },
	{ "ready", SYNC_READY },
	{ NULL, 0 },
};
static const struct enum_name superblock[] = {
	{ "sync", MS_SYNCHRONOUS },
	{ "dirsync", MS_DIRSYNC },
	{ "mand", MS_MANDLOCK },
	{ "silent", MS_SILENT },
	{ "lazytime", MS_LAZYTIME_BIT },
	{ "iversion", MS_I_VERSION },
	{ NULL, 0 },
};
static const struct enum_name mount_flags[] = {
	{ "bind", PMF_BIND },
	{ "recursive", PMF_REC },
	{ "remount", PMF_REMOUNT },
	{ "copyup", PMF_COPYUP },
	{ "idmap-recursive", PMF_IDMAP_REC },
	{ "real-directory", PMF_REAL_DIR },
	{ "or-bind", PMF_FALLBACK_BIND },
	{ "read-only-later", PMF_RO_LATE },
	{ "destination-nofollow", PMF_DEST_NOFOLLOW },
	{ "source-nofollow", PMF_SRC_NOFOLLOW },
	{ "optional", PMF_OPTIONAL },
	{ "copy-symlink", PMF_COPY_SYMLINK },
	{ "keep-mode", PMF_TMPFS_MODE },
	{ "or-bind-/sys", PMF_FALLBACK_SYSFS },
	{ "by-child", PMF_IN_CHILD },
	{ NULL, 0 },
};
static const struct enum_name device_flags[] = { { "bind", PDF_BIND },
						 { NULL, 0 } };
static const struct enum_name pivot_flags[] = { { "no-pivot", PPF_NO_PIVOT },
						{ "chroot", PPF_CHROOT },
						{ NULL, 0 } };
static const struct enum_name root_flags[] = { { "alone", PRF_ALONE },
					       { NULL, 0 } };
static const struct enum_name console_flags[] = {
	{ "bind-/dev/console", PCF_BIND },
	{ NULL, 0 },
};
static const struct enum_name group_flags[] = {
	{ "unless-denied", POF_SKIP_DENIED },
	{ NULL, 0 },
};
static const struct enum_name seccomp_modes[] = { { "notify", PSF_NOTIFY },
						  { NULL, 0 } };
static const struct enum_name chdir_flags[] = {
	{ "make", PWF_MKDIR },
	{ "or-later", PWF_LATER_OK },
	{ NULL, 0 },
};
static const struct enum_name lookup_flags[] = { { "despite-mode", PLF_DAC },
						 { NULL, 0 } };
static const struct enum_name seccomp_flags[] = {
	{ "tsync", 1 << 0 },
	{ "log", 1 << 1 },
	{ "spec-allow", 1 << 2 },
	{ "new-listener", 1 << 3 },
	{ "tsync-esrch", 1 << 4 },
	{ "wait-killable", 1 << 5 },
	{ NULL, 0 },
};
static const struct enum_name personalities[] = { { "LINUX", 0 },
						  { "LINUX32", 8 },
						  { NULL, 0 } };
static const struct enum_name passed_tree[] = { { "passed-tree", 0 } };
static const struct enum_name idmapped[] = { { "idmapped", 0 } };

#define FIELDS(...)               \
	(const struct op_field[]) \
	{                         \
		__VA_ARGS__       \
	}
#define OP(name, ...)                                                         \
	{                                                                     \
		name, FIELDS(__VA_ARGS__),                                    \
			sizeof(FIELDS(__VA_ARGS__)) / sizeof(struct op_field) \
	}
#define BARE(name)            \
	{                     \
		name, NULL, 0 \
	}

const struct op_info op_info[OP_COUNT] = {
	[OP_NONE] = BARE("none"),
	[OP_SYNC] = OP("sync", { "point", " ", K_NAME, OF_ARG, syncs }),
	[OP_JOIN_NS] =
		OP("join", { "namespaces", " ", K_WORDS, OF_ARG, namespaces },
		   { "path", " of ", K_STR, OF_S1, NULL }),
	[OP_UNSHARE] = OP("unshare",
			  { "namespaces", " ", K_WORDS, OF_ARG, namespaces }),
	[OP_NS_ROOT] = BARE("ns-root"),
	[OP_FORK] = BARE("fork"),
	[OP_SETSID] = BARE("setsid"),
	[OP_KEYRING] = OP("keyring", { "label", " label=", K_STR, OF_S1, NULL }),
	[OP_WAIT_START] = BARE("wait-start"),
	[OP_HOOK] = OP("hook", { "point", NULL, K_HOOK, OF_ARG, NULL },
		       { "index", NULL, K_NUM, OF_Y, NULL },
		       { "path", " ", K_PATH, OF_S1, NULL },
		       { "args", " args: ", K_LIST, OF_BLOB, NULL },
		       { "env", " env: ", K_LIST, OF_BLOB2, NULL },
		       { "timeoutMs", " timeout_ms=", K_SET, OF_X, NULL },
		       { "state", NULL, K_STATE, OF_S2, NULL }),
	[OP_PROPAGATION] =
		OP("propagation", { "propagation", " / ", K_PROP, OF_X, NULL }),
	[OP_ROOT] = OP("root", { "path", " ", K_PATH, OF_S1, NULL },
		       { "options", ",", K_ATTRS, OF_X, NULL },
		       { "from", " from ", K_SLOT, OF_SLOT2, passed_tree },
		       { "flags", " : ", K_WORDS, OF_FLAGS, root_flags }),
	[OP_MOUNT] =
		OP("mount", { "type", " ", K_STR, OF_S3, NULL },
		   { "source", " ", K_STR, OF_S2, NULL },
		   { "destination", " on ", K_PATH, OF_S1, NULL },
		   { "attributes", ",", K_ATTRS, OF_X, NULL },
		   { "recursiveAttributes", ",", K_REC_ATTRS, OF_BLOB2, NULL },
		   { "superblock", ",", K_WORDS, OF_Z, superblock },
		   { "propagation", ",", K_PROP, OF_ARG, NULL },
		   { "data", ",", K_LIST, OF_BLOB, NULL },
		   { "idmap", " ", K_SLOT, OF_SLOT2, idmapped },
		   { "from", " from ", K_SLOT, OF_SLOT, passed_tree },
		   { "flags", " : ", K_WORDS, OF_FLAGS, mount_flags }),
	[OP_DEVICE] = OP("device", { "path", " ", K_PATH, OF_S1, NULL },
			 { "device", " ", K_NODE, OF_ARG, NULL },
			 { "mode", " ", K_OCTAL, OF_ARG, NULL },
			 { "uid", " ", K_NUM, OF_Y, NULL },
			 { "gid", ":", K_NUM, OF_Z, NULL },
			 { "from", " from ", K_STR, OF_S2, NULL },
			 { "flags", " : ", K_WORDS, OF_FLAGS, device_flags }),
	[OP_SYMLINK] = OP("symlink", { "path", " ", K_PATH, OF_S2, NULL },
			  { "target", " -> ", K_PATH, OF_S1, NULL }),
	[OP_REMOUNT_RO] = OP("remount-ro", { "path", " ", K_PATH, OF_S1, NULL }),
	[OP_ROOT_RO] = BARE("root-ro"),
	[OP_MASK] = OP("mask", { "path", " ", K_PATH, OF_S1, NULL }),
	[OP_READONLY] = OP("readonly", { "path", " ", K_PATH, OF_S1, NULL }),
	[OP_PIVOT] =
		OP("pivot", { "flags", " : ", K_WORDS, OF_FLAGS, pivot_flags }),
	[OP_ROOT_PROPAGATION] = OP("root-propagation", { "propagation", " / ",
							 K_PROP, OF_X, NULL }),
	[OP_HOSTNAME] = OP("hostname", { "name", " ", K_PATH, OF_S1, NULL }),
	[OP_DOMAINNAME] = OP("domainname", { "name", " ", K_PATH, OF_S1, NULL }),
	[OP_SYSCTL] = OP("sysctl", { "name", " ", K_PATH, OF_S1, NULL },
			 { "value", " = ", K_PATH, OF_S2, NULL }),
	[OP_LOOPBACK] = BARE("loopback"),
	[OP_CONSOLE] = OP("console", { "height", " height=", K_SET, OF_X, NULL },
			  { "width", " width=", K_SET, OF_Y, NULL },
			  { "flags", " : ", K_WORDS, OF_FLAGS, console_flags }),
	[OP_CTTY] = BARE("ctty"),
	[OP_STDIO] = OP("stdio", { "uid", " ", K_NUM, OF_X, NULL },
			{ "gid", ":", K_NUM, OF_Y, NULL }),
	[OP_RLIMIT] = OP("rlimit", { "type", " ", K_RLIMIT, OF_ARG, NULL },
			 { "soft", " soft=", K_LIMIT, OF_X, NULL },
			 { "hard", " hard=", K_LIMIT, OF_Y, NULL }),
	[OP_UMASK] = OP("umask", { "mask", " ", K_OCTAL, OF_ARG, NULL }),
	[OP_AFFINITY] =
		OP("affinity", { "cpus", " cpus=", K_CPUS, OF_BLOB, NULL }),
	[OP_SCHED] =
		OP("scheduler", { "attributes", " ", K_SCHED, OF_BLOB, NULL }),
	[OP_IOPRIO] = OP("ioprio", { "priority", " ", K_IOPRIO, OF_ARG, NULL }),
	[OP_PERSONALITY] = OP("personality",
			      { "domain", " ", K_NAME, OF_X, personalities }),
	[OP_MEMPOLICY] =
		OP("mempolicy", { "mode", " ", K_MEMPOLICY, OF_ARG, NULL },
		   { "flags", ",", K_WORDS, OF_ARG, mempolicy_flags },
		   { "nodes", " nodes=", K_CPUS, OF_BLOB, NULL }),
	[OP_LABEL] = OP("label", { "attribute", " ", K_PATH, OF_S1, NULL },
			{ "label", " = ", K_PATH, OF_S2, NULL }),
	[OP_GROUPS] = OP("groups", { "gids", " ", K_GROUPS, OF_BLOB, NULL },
			 { "flags", " : ", K_WORDS, OF_FLAGS, group_flags }),
	[OP_USER] = OP("user", { "uid", " ", K_NUM, OF_X, NULL },
		       { "gid", ":", K_NUM, OF_Y, NULL }),
	[OP_BOUNDING] =
		OP("bounding", { "capabilities", " ", K_CAPS, OF_X, NULL }),
	[OP_CAPS] = OP("capabilities",
		       { "effective", " effective=", K_CAPS, OF_X, NULL },
		       { "permitted", " permitted=", K_CAPS, OF_Y, NULL },
		       { "inheritable", " inheritable=", K_CAPS, OF_Z, NULL }),
	[OP_AMBIENT] =
		OP("ambient", { "capabilities", " ", K_CAPS, OF_X, NULL }),
	[OP_NNP] = BARE("no-new-privs"),
	[OP_SECCOMP] =
		OP("seccomp",
		   { "instructions", " instructions=", K_INSNS, OF_BLOB, NULL },
		   { "filterFlags", ",", K_WORDS, OF_ARG, seccomp_flags },
		   { "flags", " : ", K_WORDS, OF_FLAGS, seccomp_modes }),
	[OP_CHDIR] = OP("chdir", { "path", " ", K_PATH, OF_S1, NULL },
			{ "uid", " ", K_NUM, OF_X, NULL },
			{ "gid", ":", K_NUM, OF_Y, NULL },
			{ "flags", " : ", K_WORDS, OF_FLAGS, chdir_flags }),
	[OP_LOOKUP] = OP("lookup", { "name", " ", K_PATH, OF_S1, NULL },
			 { "path", " in ", K_PATH, OF_S2, NULL },
			 { "uid", " by ", K_NUM, OF_X, NULL },
			 { "gid", ":", K_NUM, OF_Y, NULL },
			 { "flags", " : ", K_WORDS, OF_FLAGS, lookup_flags }),
	[OP_HOME] = OP("home", { "uid", " uid=", K_NUM, OF_ARG, NULL }),
	[OP_CLOSE_FROM] = OP("close-from", { "fd", " ", K_NUM, OF_ARG, NULL }),
	[OP_EXEC] = OP("exec", { "args", " args: ", K_LIST, OF_BLOB, NULL },
		       { "env", " env: ", K_LIST, OF_BLOB2, NULL }),
	[OP_UNMOUNT] = OP("unmount", { "path", " ", K_PATH, OF_S1, NULL }),
	[OP_END] = BARE("end"),
};
