/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule that a configuration can break has its words, and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "spec/spec.h"
#include "spec/sysctl.h"

/* The least that is right; the parts can be replaced by a case. */
#define PROCESS "\"process\":{\"args\":[\"sh\"],\"cwd\":\"/\"%s}"
#define ROOT "\"root\":{\"path\":\"rootfs\"}"
#define NS(...) "\"namespaces\":[" __VA_ARGS__ "]"
#define N(type) "{\"type\":\"" type "\"}"

struct rule {
	const char *in;	  /* members put into that object */
	const char *path; /* NULL: no fault at all */
	const char *text;
};

/* The configuration is right, or has exactly the one fault. */
static void check_rule(const struct rule *r, const char *fmt)
{
	_cleanup_arena_ struct arena a = { 0 };
	char text[8192], want[512];
	struct oci_spec *s = NULL;
	int ret;

	snprintf(text, sizeof(text), fmt, r->in);
	ret = oci_parse(&a, "config.json", text, strlen(text), &s);
	if (!r->path) {
		if (ret < 0)
			fail_msg("%s\ngives %s", text, err_get());
		return;
	}
	/* What is missing from the document itself has no line. */
	snprintf(want, sizeof(want), "config.json%s: %s: %s",
		 str_starts(err_get(), "config.json: ") ? "" : ":1", r->path,
		 r->text);
	if (ret == 0 || !str_starts(err_get(), want) || strchr(err_get(), ';'))
		fail_msg("%s\ngives %s\nnot   %s", text,
			 ret < 0 ? err_get() : "no fault", want);
	assert_null(s);
	assert_int_equal(err_get_class(), ERR_CONFIG);
}

#define CHECK_RULES(rules, fmt)                                            \
	for (size_t i_ = 0; i_ < sizeof(rules) / sizeof((rules)[0]); i_++) \
	check_rule(&(rules)[i_], fmt)

static void rules_of_the_document(void **state)
{
	static const struct rule t[] = {
		{ "\"ociVersion\":\"1.0.2-dev\"," ROOT },
		{ "\"ociVersion\":\"1.3.0\"," ROOT },
		{ "\"ociVersion\":\"1.99.0-rc.1+x\"," ROOT },
		{ "\"ociVersion\":\"1.2\"," ROOT ",\"vm\":{},\"linux\":null" },
		{ ROOT, "ociVersion", "is required" },
		{ "\"ociVersion\":\"2.0.0\"," ROOT, "ociVersion",
		  "version 2.0.0 is not supported" },
		{ "\"ociVersion\":\"1\"," ROOT, "ociVersion", "version" },
		{ "\"ociVersion\":\"1.0.x\"," ROOT, "ociVersion", "version" },
		{ "\"ociVersion\":\"\"," ROOT, "ociVersion", "version" },
		{ "\"ociVersion\":\"1.0.0\"", "root", "root must be specified" },
		{ "\"ociVersion\":\"1.0.0\",\"root\":{}", "root.path",
		  "root must be specified" },
		{ "\"ociVersion\":\"1.0.0\"," ROOT ",\"hostname\":\"h\"",
		  "hostname",
		  "unable to set hostname without a private UTS namespace" },
		{ "\"ociVersion\":\"1.0.0\"," ROOT ",\"domainname\":\"h\"",
		  "domainname",
		  "unable to set domainname without a private UTS namespace" },
		{ "\"ociVersion\":\"1.0.0\"," ROOT
		  ",\"hooks\":{\"poststop\":[{\"path\":\"x\"}]}",
		  "hooks.poststop[0].path", "must be an absolute path" },
		{ "\"ociVersion\":\"1.0.0\"," ROOT
		  ",\"hooks\":{\"prestart\":[{\"path\":\"/x\",\"timeout\":0}]}",
		  "hooks.prestart[0].timeout", "must be greater than zero" },
		{ "\"ociVersion\":\"1.0.0\"," ROOT
		  ",\"hooks\":{\"prestart\":[{\"path\":\"/"
		  "x\",\"timeout\":1}]}" },
	};

	CHECK_RULES(t, "{%s}");
}

static void rules_of_the_process(void **state)
{
	static const struct rule t[] = {
		{ "" },
		{ ",\"env\":[\"A=\",\"B=c=d\"],\"consoleSize\":{\"height\":"
		  "0}" },
		{ ",\"user\":{\"uid\":4294967295}", "process.user.uid",
		  "4294967295 is out of range for a user or group ID" },
		{ ",\"user\":{\"gid\":4294967295}", "process.user.gid",
		  "4294967295 is out of range for a user or group ID" },
		{ ",\"user\":{\"additionalGids\":[1,4294967295]}",
		  "process.user.additionalGids[1]", "4294967295 is out of" },
		{ ",\"user\":{\"uid\":-1}", "process.user.uid", "-1 is out" },
		{ ",\"user\":{\"uid\":\"root\"}", "process.user.uid",
		  "expected a user or group ID, got a string" },
		{ ",\"user\":{\"umask\":512}", "process.user.umask", "512" },
		{ ",\"env\":[\"A\"]", "process.env[0]",
		  "invalid environment variable: missing '='" },
		{ ",\"env\":[\"=x\"]", "process.env[0]",
		  "invalid environment variable: name cannot be empty" },
		{ ",\"env\":[\"A=\\u0000\"]", "process.env[0]",
		  "contains nul byte (\\x00)" },
		{ ",\"capabilities\":{\"bounding\":[\"CAP_NEW\"]}" },
		{ ",\"rlimits\":[{\"type\":\"RLIMIT_X\",\"hard\":1,\"soft\":1}"
		  "]",
		  "process.rlimits[0]", "wrong rlimit value: RLIMIT_X" },
		{ ",\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"hard\":1,"
		  "\"soft\":2}]",
		  "process.rlimits[0]", "the soft limit is above" },
		{ ",\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"hard\":"
		  "18446744073709551615,\"soft\":2},{\"type\":\"RLIMIT_CPU\","
		  "\"hard\":3,\"soft\":2}]" },
		{ ",\"oomScoreAdj\":1001", "process.oomScoreAdj", "must be" },
		{ ",\"oomScoreAdj\":-1000" },
		{ ",\"scheduler\":{}", "process.scheduler",
		  "scheduler policy is required" },
		{ ",\"scheduler\":{\"policy\":\"SCHED_X\"}",
		  "process.scheduler.policy", "invalid scheduler policy" },
		{ ",\"scheduler\":{\"policy\":\"SCHED_BATCH\",\"nice\":20}",
		  "process.scheduler.nice", "invalid scheduler.nice: 20" },
		{ ",\"scheduler\":{\"policy\":\"SCHED_FIFO\"}",
		  "process.scheduler.priority", "must be 1 to 99" },
		{ ",\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"priority\":1}",
		  "process.scheduler.priority", "is for SCHED_FIFO" },
		{ ",\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"period\":1}",
		  "process.scheduler", "runtime, deadline, period" },
		{ ",\"scheduler\":{\"policy\":\"SCHED_RR\",\"priority\":1,"
		  "\"flags\":[\"SCHED_FLAG_RESET_ON_FORK\",\"X\"]}",
		  "process.scheduler.flags[1]", "invalid scheduler flag: X" },
		{ ",\"ioPriority\":{\"class\":\"X\",\"priority\":1}",
		  "process.ioPriority.class",
		  "invalid ioPriority.Class: \"X\"" },
		{ ",\"ioPriority\":{\"class\":\"IOPRIO_CLASS_RT\","
		  "\"priority\":8}",
		  "process.ioPriority.priority", "invalid ioPriority.Prio" },
		{ ",\"execCPUAffinity\":{\"initial\":\"0-3, 7\"}" },
		{ ",\"execCPUAffinity\":{\"initial\":\"x\"}",
		  "process.execCPUAffinity.initial",
		  "bad CPUAffinity.Initial: x" },
		{ ",\"execCPUAffinity\":{\"final\":\"3-1\"}",
		  "process.execCPUAffinity.final", "bad CPUAffinity.Final" },
	};

	CHECK_RULES(t, "{\"ociVersion\":\"1.0.0\"," ROOT "," PROCESS "}");
}

static void rules_of_command_and_directory(void **state)
{
	static const struct rule t[] = {
		{ "\"cwd\":\"/\"", "process.args", "args must not be empty" },
		{ "\"cwd\":\"/\",\"args\":[]", "process.args",
		  "args must not be empty" },
		{ "\"args\":[\"a\"]", "process.cwd",
		  "Cwd property must not be empty" },
		{ "\"args\":[\"a\"],\"cwd\":\"\"", "process.cwd",
		  "Cwd property must not be empty" },
		{ "\"args\":[\"a\"],\"cwd\":\"tmp\"", "process.cwd",
		  "Cwd must be an absolute path" },
	};

	CHECK_RULES(t, "{\"ociVersion\":\"1.0.0\"," ROOT ",\"process\":{%s}}");
}

static void rules_of_mounts(void **state)
{
	static const struct rule t[] = {
		{ "\"destination\":\"x\",\"type\":\"tmpfs\"" },
		{ "\"destination\":\"/x\",\"source\":\"a\",\"options\":"
		  "[\"rbind\",\"ro\",\"rprivate\",\"defaults\"]" },
		{ "\"type\":\"tmpfs\"", "mounts[0].destination", "is required" },
		{ "\"destination\":\"\",\"type\":\"tmpfs\"",
		  "mounts[0].destination", "must not be empty" },
		{ "\"destination\":\"/\",\"type\":\"tmpfs\"",
		  "mounts[0].destination", "\"/\" is the root" },
		{ "\"destination\":\"a/../..//.\",\"type\":\"tmpfs\"",
		  "mounts[0].destination", "\"a/../..//.\" is the root" },
		{ "\"destination\":\"/x\"", "mounts[0].type",
		  "is required for a mount that is no bind" },
		{ "\"destination\":\"/x\",\"options\":[\"bind\"]",
		  "mounts[0].source", "a bind mount needs a source" },
		{ "\"destination\":\"/x\",\"source\":\"a\",\"options\":"
		  "[\"bind\",\"size=1\"]",
		  "mounts[0].options",
		  "bind mounts cannot have any filesystem-specific options "
		  "applied" },
		{ "\"destination\":\"/x\",\"type\":\"tmpfs\",\"uidMappings\":"
		  "[{\"containerID\":0,\"hostID\":1,\"size\":1}],"
		  "\"gidMappings\":[{\"containerID\":0,\"hostID\":1,"
		  "\"size\":1}]",
		  "mounts[0].uidMappings",
		  "id-mapped mounts are only supported for bind-mounts" },
		{ "\"destination\":\"/x\",\"source\":\"a\",\"type\":\"bind\","
		  "\"options\":[\"bind\"],\"uidMappings\":"
		  "[{\"containerID\":0,\"hostID\":1,\"size\":1}]",
		  "mounts[0].uidMappings",
		  "id-mapped mounts must have both uid and gid mappings "
		  "specified" },
		{ "\"destination\":\"/x\",\"source\":\"a\",\"options\":"
		  "[\"bind\",\"idmap\"]",
		  "mounts[0].options", "idmap without mappings needs" },
		{ "\"destination\":\"/x\",\"source\":\"a\",\"options\":"
		  "[\"bind\",\"idmap\"],\"uidMappings\":"
		  "[{\"containerID\":0,\"hostID\":1,\"size\":0}],"
		  "\"gidMappings\":[{\"containerID\":0,\"hostID\":1,"
		  "\"size\":1}]",
		  "mounts[0].uidMappings[0]", "size must not be zero" },
	};

	CHECK_RULES(t, "{\"ociVersion\":\"1.0.0\"," ROOT ",\"mounts\":[{%s}]}");
}

#define MAP(c, h, n) \
	"{\"containerID\":" #c ",\"hostID\":" #h ",\"size\":" #n "}"

static void rules_of_namespaces(void **state)
{
	static const struct rule t[] = {
		{ NS(N("pid") "," N("network")) },
		{ NS(N("pid") "," N("pid")), "linux.namespaces[1]",
		  "malformed spec file: duplicated ns {\"pid\" \"\"}" },
		{ NS(N("pid") ",{\"type\":\"pid\",\"path\":\"/p\"}"),
		  "linux.namespaces[1]",
		  "malformed spec file: duplicated ns {\"pid\" \"/p\"}" },
		{ NS(N("foo")), "linux.namespaces[0].type",
		  "type \"foo\" is not known" },
		{ NS("{\"path\":\"/x\"}"), "linux.namespaces[0].type",
		  "is required" },
		{ NS("{\"type\":\"net\",\"path\":\"/x\"}"),
		  "linux.namespaces[0].type", "type \"net\" is not known" },
		{ NS("{\"type\":\"network\",\"path\":\"x\"}"),
		  "linux.namespaces[0].path", "must be an absolute path" },
		{ NS(N("user")) ",\"gidMappings\":[" MAP(0, 1, 1) "]",
		  "linux.uidMappings",
		  "user namespaces enabled, but no uid mappings found" },
		{ NS(N("user")) ",\"uidMappings\":[" MAP(0, 1, 1) "]",
		  "linux.gidMappings",
		  "user namespaces enabled, but no gid mappings found" },
		{ NS("{\"type\":\"user\",\"path\":\"/x\"}") },
		{ "\"uidMappings\":[" MAP(0, 1, 0) "]" },
		{ NS(N("user")) ",\"uidMappings\":[" MAP(0, 1, 1) "," MAP(
			  1, 1, 1) "],\"gidMappings\":[" MAP(0, 1, 1) "]",
		  "linux.uidMappings[1]", "overlaps with mapping 0" },
		{ NS(N("user")) ",\"uidMappings\":[" MAP(
			  0, 4294967290, 10) "],\"gidMappings\":[" MAP(0, 1,
								       1) "]",
		  "linux.uidMappings[0]", "goes beyond the last ID" },
		{ "\"timeOffsets\":{\"monotonic\":{\"secs\":1}}",
		  "linux.timeOffsets",
		  "time namespace offsets specified, but time namespace isn't "
		  "enabled in the config" },
		{ NS("{\"type\":\"time\",\"path\":\"/x\"}") ",\"timeOffsets\":{"
							    "\"monotonic\":{"
							    "\"secs\":1}}",
		  "linux.timeOffsets", "offsets cannot be set" },
		{ NS(N("time")) ",\"timeOffsets\":{\"boottime\":{\"secs\":-1,"
				"\"nanosecs\":999999999}}" },
		{ NS(N("time")) ",\"timeOffsets\":{\"real\":{}}",
		  "linux.timeOffsets.real", "is neither monotonic nor" },
		{ NS(N("time")) ",\"timeOffsets\":{\"boottime\":"
				"{\"nanosecs\":1000000000}}",
		  "linux.timeOffsets.boottime.nanosecs", "1000000000" },
		{ "\"netDevices\":{\"eth0\":{}}", "linux.netDevices",
		  "unable to move network devices without a NET namespace" },
		{ NS(N("network")) ",\"netDevices\":{\"eth0\":{\"name\":"
				   "\"eth1\"},\"eth2\":{}}" },
		{ NS(N("network")) ",\"netDevices\":{\"a/b\":{}}",
		  "linux.netDevices.a/b",
		  "invalid network device name \"a/b\"" },
		{ NS(N("network")) ",\"netDevices\":{\"a\":{\"name\":"
				   "\"sixteen-chars-xx\"}}",
		  "linux.netDevices.a", "invalid network device name" },
		{ NS(N("network")) ",\"netDevices\":{\"a\":{\"name\":\"b\"},"
				   "\"b\":{}}",
		  "linux.netDevices.b", "the name \"b\" is taken" },
		{ "\"maskedPaths\":[\"/x\"]", "linux.maskedPaths",
		  "unable to restrict sys entries without a private MNT "
		  "namespace" },
		{ "\"readonlyPaths\":[\"/x\"]", "linux.readonlyPaths",
		  "unable to restrict sys entries without a private MNT "
		  "namespace" },
		{ NS(N("mount")) ",\"maskedPaths\":[\"/\"]",
		  "linux.maskedPaths[0]", "\"/\" names no path below" },
		{ NS(N("mount")) ",\"readonlyPaths\":[\"\"]",
		  "linux.readonlyPaths[0]", "\"\" names no path below" },
	};

	CHECK_RULES(t, "{\"ociVersion\":\"1.0.0\"," ROOT ",\"linux\":{%s}}");
}

static void rules_of_linux(void **state)
{
	static const struct rule t[] = {
		{ "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"p\"}]" },
		{ "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"c\","
		  "\"major\":1,\"minor\":3,\"fileMode\":8630,\"uid\":1}]" },
		{ "\"devices\":[{\"path\":\"dev/x\",\"type\":\"p\"}]",
		  "linux.devices[0].path", "must be an absolute path" },
		{ "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"x\"}]",
		  "linux.devices[0]", "invalid device type \"x\"" },
		{ "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"c\","
		  "\"minor\":1}]",
		  "linux.devices[0].major", "is required" },
		{ "\"devices\":[{\"path\":\"/dev/x\",\"type\":\"b\","
		  "\"major\":1,\"minor\":1048576}]",
		  "linux.devices[0].minor", "must be 0 to 1048575" },
		{ "\"rootfsPropagation\":\"rslave\"" },
		{ "\"rootfsPropagation\":\"x\"", "linux.rootfsPropagation",
		  "rootfsPropagation=x is not supported" },
		{ "\"personality\":{\"domain\":\"LINUX32\"}" },
		{ "\"personality\":{\"domain\":\"BSD\"}",
		  "linux.personality.domain", "invalid personality domain BSD" },
		{ "\"intelRdt\":{\"closID\":\"a/b\"}", "linux.intelRdt.closID",
		  "invalid intelRdt.ClosID \"a/b\"" },
		{ "\"intelRdt\":{\"closID\":\"..\"}", "linux.intelRdt.closID",
		  "invalid intelRdt.ClosID \"..\"" },
		{ "\"intelRdt\":{\"schemata\":[\"L3:0=f\",\"a\\nb\"]}",
		  "linux.intelRdt.schemata[1]", "must be one line" },
		{ "\"intelRdt\":{\"memBwSchema\":\"MB:0=10\\nMB:1=10\"}",
		  "linux.intelRdt.memBwSchema", "must be one line" },
		{ "\"intelRdt\":{\"closID\":\"g\",\"enableMonitoring\":true}" },
		{ "\"intelRdt\":{\"closID\":\"/\"}" },
		{ "\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0-1\","
		  "\"flags\":[\"MPOL_F_STATIC_NODES\"]}" },
		{ "\"memoryPolicy\":{\"mode\":\"X\"}", "linux.memoryPolicy.mode",
		  "invalid memory policy mode \"X\"" },
		{ "\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"x\"}",
		  "linux.memoryPolicy.nodes",
		  "invalid memory policy nodes \"x\"" },
		{ "\"memoryPolicy\":{\"mode\":\"MPOL_LOCAL\",\"nodes\":\"0,2"
		  "\"}",
		  "linux.memoryPolicy.nodes",
		  "memory policy mode requires 0 nodes but got 2" },
		{ "\"memoryPolicy\":{\"mode\":\"MPOL_BIND\"}",
		  "linux.memoryPolicy.nodes",
		  "memory policy mode requires at least 1 node" },
		{ "\"memoryPolicy\":{\"mode\":\"MPOL_LOCAL\",\"flags\":"
		  "[\"X\"]}",
		  "linux.memoryPolicy.flags[0]",
		  "invalid memory policy flag \"X\"" },
		{ "\"seccomp\":{}" },
		{ "\"seccomp\":{\"syscalls\":[{\"names\":[\"read\"],"
		  "\"action\":\"A\"}]}",
		  "linux.seccomp.defaultAction", "must not be empty" },
		{ "\"seccomp\":{\"defaultAction\":\"A\",\"syscalls\":"
		  "[{\"names\":[],\"action\":\"A\"}]}",
		  "linux.seccomp.syscalls[0].names", "must not be empty" },
		{ "\"seccomp\":{\"defaultAction\":\"A\",\"syscalls\":"
		  "[{\"names\":[\"x\"],\"action\":\"A\",\"args\":[{\"index\":6,"
		  "\"value\":1,\"op\":\"O\"}]}]}",
		  "linux.seccomp.syscalls[0].args[0].index", "6 is out of" },
		{ "\"cgroupsPath\":\"/a\\u0000b\"", "linux.cgroupsPath",
		  "contains nul byte" },
	};

	CHECK_RULES(t, "{\"ociVersion\":\"1.0.0\"," ROOT ",\"linux\":{%s}}");
}

static void rules_of_resources(void **state)
{
	static const struct rule t[] = {
		{ "\"devices\":[{\"allow\":false}]" },
		{ "\"devices\":[{\"allow\":true,\"type\":\"x\"}]",
		  "linux.resources.devices[0]",
		  "invalid cgroup device type \"x\"" },
		{ "\"devices\":[{\"allow\":true},{\"access\":\"\"}]",
		  "linux.resources.devices[1]",
		  "device access at 1 field cannot be empty" },
		{ "\"devices\":[{\"allow\":true,\"access\":\"rx\"}]",
		  "linux.resources.devices[0]", "invalid device access \"rx\"" },
		{ "\"devices\":[{\"allow\":true,\"major\":-2}]",
		  "linux.resources.devices[0]", "a device number is out" },
		{ "\"memory\":{\"limit\":-1,\"swappiness\":"
		  "18446744073709551615}" },
		{ "\"memory\":{\"limit\":-2}", "linux.resources.memory.limit",
		  "must be -1 or more" },
		{ "\"blockIO\":{\"weight\":65536}",
		  "linux.resources.blockIO.weight", "65536 is out of range" },
		{ "\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":1}]" },
		{ "\"hugepageLimits\":[{\"pageSize\":\"../2MB\",\"limit\":1}]",
		  "linux.resources.hugepageLimits[0]", "invalid page size" },
		{ "\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":1},"
		  "{\"pageSize\":\"2MB\",\"limit\":2}]",
		  "linux.resources.hugepageLimits[1]",
		  "page size 2MB is given twice" },
		{ "\"unified\":{\"../x\":\"1\"}",
		  "linux.resources.unified.../x", "must be a file name" },
		{ "\"unified\":{\"memory.high\":\"1\"}" },
		{ "\"rdma\":{\"a b\":{}}", "linux.resources.rdma.a b",
		  "is no name of a device" },
		{ "\"network\":{\"priorities\":[{\"name\":\"a b\","
		  "\"priority\":1}]}",
		  "linux.resources.network.priorities[0]",
		  "invalid network device name" },
	};

	CHECK_RULES(t, "{\"ociVersion\":\"1.0.0\"," ROOT
		       ",\"linux\":{\"resources\":{%s}}}");
}

static void rules_of_sysctl(void **state)
{
	static const struct rule host[] = {
		{ "net.ipv4.ip_forward", "linux.sysctl.net.ipv4.ip_forward",
		  "sysctl \"net.ipv4.ip_forward\" not allowed in host network "
		  "namespace" },
		{ "kernel.shmmax", "linux.sysctl.kernel.shmmax",
		  "sysctl \"kernel.shmmax\" is not allowed in the hosts ipc "
		  "namespace" },
		{ "fs.mqueue.msg_max", "linux.sysctl.fs.mqueue.msg_max",
		  "sysctl \"fs.mqueue.msg_max\" is not allowed in the hosts" },
		{ "user.max_user_namespaces",
		  "linux.sysctl.user.max_user_namespaces",
		  "setting ucounts without a user namespace not allowed: "
		  "user.max_user_namespaces" },
		{ "kernel.domainname", "linux.sysctl.kernel.domainname",
		  "sysctl \"kernel.domainname\" is not in a separate kernel "
		  "namespace" },
	};
	static const struct rule own[] = {
		{ "net.ipv4.ip_forward" },
		{ "net/ipv4/ip_forward" },
		{ "kernel.shmmax" },
		{ "fs.mqueue.msg_max" },
		{ "kernel.domainname" },
		{ "kernel.hostname", "linux.sysctl.kernel.hostname",
		  "sysctl \"kernel.hostname\" is not allowed as it conflicts "
		  "with the OCI \"hostname\" field" },
		{ "kernel.core_pattern", "linux.sysctl.kernel.core_pattern",
		  "sysctl \"kernel.core_pattern\" is not in a separate kernel "
		  "namespace" },
		{ "vm.overcommit_memory", "linux.sysctl.vm.overcommit_memory",
		  "sysctl" },
	};

	CHECK_RULES(host, "{\"ociVersion\":\"1.0.0\"," ROOT
			  ",\"linux\":{\"sysctl\":{\"%s\":\"1\"}}}");
	CHECK_RULES(own, "{\"ociVersion\":\"1.0.0\"," ROOT
			 ",\"linux\":{" NS(N("ipc") "," N("network") "," N(
				 "uts")) ",\"sysctl\":{\"%s\":\"1\"}}"
					 "}");
}

static void names_of_sysctls(void **state)
{
	static const char *const bad[] = {
		"",
		".",
		"/",
		"net",
		"net.",
		"net/",
		"/net/x",
		"net//x",
		"net..x",
		"net.../kernel/core_pattern",
		"net/../kernel/core_pattern",
		"net/./x",
		"net.ipv4/x",
		"net/ipv4.x",
		"net.x y",
		"net.x\n",
		"kernel.shmmax+kernel.core_pattern=x",
		"kernel.shmmaxx",
		"kernel",
		"fs.mqueue",
		"fs.mqueuex.y",
		"KERNEL.shmmax",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (oci_sysctl_ns(bad[i]) >= 0)
			fail_msg("\"%s\" is taken", bad[i]);
	assert_int_equal(oci_sysctl_ns("net/ipv4/conf/eth0/x"), OCI_NS_NET);
	assert_int_equal(oci_sysctl_ns("kernel/sem"), OCI_NS_IPC);
	assert_int_equal(oci_sysctl_ns("user.max_mnt_namespaces"), OCI_NS_USER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_of_the_document),
		cmocka_unit_test(rules_of_the_process),
		cmocka_unit_test(rules_of_command_and_directory),
		cmocka_unit_test(rules_of_mounts),
		cmocka_unit_test(rules_of_namespaces),
		cmocka_unit_test(rules_of_linux),
		cmocka_unit_test(rules_of_resources),
		cmocka_unit_test(rules_of_sysctl),
		cmocka_unit_test(names_of_sysctls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
