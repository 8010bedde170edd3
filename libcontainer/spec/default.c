/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `tare spec` writes: a shell in a read-only root, with next to no
 * rights. One text for all cases, read through the field tables, from which
 * what does not apply is taken away.
 */
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "spec/spec.h"

#define CAPS "[\"CAP_AUDIT_WRITE\",\"CAP_KILL\",\"CAP_NET_BIND_SERVICE\"]"

static const char text[] =
	"{\"ociVersion\":\"" OCI_VERSION "\","
	"\"process\":{\"terminal\":true,\"user\":{\"uid\":0,\"gid\":0},"
	"\"args\":[\"sh\"],"
	"\"env\":[\"PATH=" OCI_DEFAULT_PATH "\",\"TERM=xterm\"],"
	"\"cwd\":\"/\","
	"\"capabilities\":{\"bounding\":" CAPS ",\"effective\":" CAPS ","
	"\"permitted\":" CAPS "},"
	"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"hard\":1024,"
	"\"soft\":1024}],\"noNewPrivileges\":true},"
	"\"root\":{\"path\":\"rootfs\",\"readonly\":true},"
	"\"hostname\":\"tare\","
	"\"mounts\":["
	"{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	"{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
	"\"options\":[\"nosuid\",\"strictatime\",\"mode=755\","
	"\"size=65536k\"]},"
	"{\"destination\":\"/dev/pts\",\"type\":\"devpts\","
	"\"source\":\"devpts\",\"options\":[\"nosuid\",\"noexec\","
	"\"newinstance\",\"ptmxmode=0666\",\"mode=0620\",\"gid=5\"]},"
	"{\"destination\":\"/dev/shm\",\"type\":\"tmpfs\",\"source\":\"shm\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"mode=1777\","
	"\"size=65536k\"]},"
	"{\"destination\":\"/dev/mqueue\",\"type\":\"mqueue\","
	"\"source\":\"mqueue\",\"options\":[\"nosuid\",\"noexec\","
	"\"nodev\"]},"
	"{\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":\"sysfs\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"ro\"]},"
	"{\"destination\":\"/sys\",\"type\":\"none\",\"source\":\"/sys\","
	"\"options\":[\"rbind\",\"nosuid\",\"noexec\",\"nodev\",\"ro\"]},"
	"{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\","
	"\"source\":\"cgroup\",\"options\":[\"nosuid\",\"noexec\","
	"\"nodev\",\"relatime\",\"ro\"]}],"
	"\"linux\":{"
	"\"uidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}],"
	"\"gidMappings\":[{\"containerID\":0,\"hostID\":0,\"size\":1}],"
	"\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]},"
	"\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\"},"
	"{\"type\":\"ipc\"},{\"type\":\"uts\"},{\"type\":\"mount\"},"
	"{\"type\":\"cgroup\"},{\"type\":\"user\"}],"
	"\"maskedPaths\":[\"/proc/acpi\",\"/proc/asound\","
	"\"/proc/interrupts\",\"/proc/kcore\",\"/proc/keys\","
	"\"/proc/latency_stats\",\"/proc/timer_list\","
	"\"/proc/timer_stats\",\"/proc/sched_debug\",\"/proc/scsi\","
	"\"/sys/firmware\",\"/sys/devices/virtual/powercap\"],"
	"\"readonlyPaths\":[\"/proc/bus\",\"/proc/fs\",\"/proc/irq\","
	"\"/proc/sys\",\"/proc/sysrq-trigger\"]}}";

/* Options that name an ID fail where the ID is not mapped. */
static void drop_id_options(struct oci_mount *m)
{
	size_t i, n = 0;

	for (i = 0; i < m->options.n; i++)
		if (!str_starts(m->options.v[i], "uid=") &&
		    !str_starts(m->options.v[i], "gid="))
			m->options.v[n++] = m->options.v[i];
	m->options.n = n;
}

static void choose_mounts(struct oci_spec *s, bool rootless)
{
	size_t i, n = 0;

	for (i = 0; i < s->mounts.n; i++) {
		struct oci_mount *m = &s->mounts.v[i];

		/* A sysfs needs a network namespace of one's own. */
		if (streq(m->destination, "/sys") &&
		    streq(m->type, "none") != rootless)
			continue;
		if (rootless)
			drop_id_options(m);
		s->mounts.v[n++] = *m;
	}
	s->mounts.n = n;
}

static void choose_namespaces(struct oci_linux *l, bool rootless, bool cgroup_v2)
{
	size_t i, n = 0;

	for (i = 0; i < l->namespaces.n; i++) {
		int type = l->namespaces.v[i].type;

		if ((type == OCI_NS_NET && rootless) ||
		    (type == OCI_NS_USER && !rootless) ||
		    (type == OCI_NS_CGROUP && !cgroup_v2))
			continue;
		l->namespaces.v[n++] = l->namespaces.v[i];
	}
	l->namespaces.n = n;
}

/* Their counters tell of the load of the host. */
static int mask_thermal(struct arena *a, struct str_list *masked)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF), i;
	char **v;

	if (cpus < 0)
		cpus = 0;
	v = arena_calloc(a, masked->n + (size_t)cpus + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	memcpy(v, masked->v, masked->n * sizeof(*v));
	masked->v = v;
	for (i = 0; i < cpus; i++) {
		char *path = arena_printf(a,
					  "/sys/devices/system/cpu/cpu%ld/"
					  "thermal_throttle",
					  i);

		if (!path)
			return -ENOMEM;
		if (access(path, F_OK) == 0)
			masked->v[masked->n++] = path;
	}
	return 0;
}

int oci_default_spec(struct buf *out, bool rootless, bool cgroup_v2,
		     uint32_t euid, uint32_t egid)
{
	_cleanup_arena_ struct arena a = { 0 };
	struct oci_spec s;
	struct faults f;
	int r;

	faults_init(&f, &a);
	r = json_parse(&a, text, sizeof(text) - 1, &oci_spec_record, &s, &f);
	if (r == 0)
		r = mask_thermal(&a, &s.linux_->masked_paths);
	if (r < 0)
		return err_set(r, "default configuration");
	choose_mounts(&s, rootless);
	choose_namespaces(s.linux_, rootless, cgroup_v2);
	s.linux_->uid_mappings.v->host_id = euid;
	s.linux_->gid_mappings.v->host_id = egid;
	if (rootless)
		s.linux_->resources = NULL;
	else
		s.linux_->uid_mappings.n = s.linux_->gid_mappings.n = 0;
	r = json_write(out, &oci_spec_record, &s, JSON_TAB);
	return r < 0 ? err_set(r, "default configuration") : 0;
}
