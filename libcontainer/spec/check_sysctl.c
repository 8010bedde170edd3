/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/sysctl.h"

#include <ctype.h>
#include <stdio.h>

#include "base/str.h"
#include "spec/check.h"

#define KEY_MAX 256

/* A name that ends with a dot stands for all below it. */
static const struct {
	const char *name;
	int ns;
} namespaced[] = {
	{ "fs.mqueue.", OCI_NS_IPC },
	{ "kernel.domainname", OCI_NS_UTS },
	{ "kernel.hostname", OCI_NS_UTS },
	{ "kernel.msgmax", OCI_NS_IPC },
	{ "kernel.msgmnb", OCI_NS_IPC },
	{ "kernel.msgmni", OCI_NS_IPC },
	{ "kernel.sem", OCI_NS_IPC },
	{ "kernel.shm_rmid_forced", OCI_NS_IPC },
	{ "kernel.shmall", OCI_NS_IPC },
	{ "kernel.shmmax", OCI_NS_IPC },
	{ "kernel.shmmni", OCI_NS_IPC },
	{ "net.", OCI_NS_NET },
	{ "user.", OCI_NS_USER },
};

/*
 * Into the dotted notation. Dots inside of slashes could hide a path, and a
 * name must not leave the directory of parameters.
 */
static int dotted(const char *key, char *buf)
{
	bool slashes = strchr(key, '/');
	char sep = slashes ? '/' : '.', last = sep;
	size_t n;

	for (n = 0; key[n]; last = key[n++]) {
		if (n == KEY_MAX - 1)
			return -EINVAL;
		if (key[n] == sep ? last == sep
				  : !isalnum((unsigned char)key[n]) &&
					    !strchr("_-:@", key[n]))
			return -EINVAL;
		buf[n] = key[n] == sep ? '.' : key[n];
	}
	buf[n] = '\0';
	return n == 0 || last == sep ? -EINVAL : 0;
}

int oci_sysctl_ns(const char *key)
{
	char name[KEY_MAX];
	size_t i;

	if (dotted(key, name) < 0)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(namespaced); i++) {
		const char *known = namespaced[i].name;

		if (str_ends(known, ".") ? str_starts(name, known)
					 : streq(name, known))
			return namespaced[i].ns;
	}
	return -ENOENT;
}

static void conflict(const char *path, const char *key, const char *field,
		     struct faults *f)
{
	faults_add(f, 0, path,
		   "sysctl \"%s\" is not allowed as it conflicts with the OCI "
		   "\"%s\" field",
		   key, field);
}

static void missing_ns(const char *path, const char *key, int ns,
		       struct faults *f)
{
	if (ns == OCI_NS_IPC)
		faults_add(f, 0, path,
			   "sysctl \"%s\" is not allowed in the hosts ipc "
			   "namespace",
			   key);
	else if (ns == OCI_NS_NET)
		faults_add(f, 0, path,
			   "sysctl \"%s\" not allowed in host network "
			   "namespace",
			   key);
	else if (ns == OCI_NS_USER)
		faults_add(f, 0, path,
			   "setting ucounts without a user namespace not "
			   "allowed: %s",
			   key);
	else
		faults_add(f, 0, path,
			   "sysctl \"%s\" is not in a separate kernel "
			   "namespace",
			   key);
}

static void check_one(const struct oci_spec *s, const char *key,
		      struct faults *f)
{
	int ns = oci_sysctl_ns(key);
	char path[CHECK_PATH_MAX];

	snprintf(path, sizeof(path), "linux.sysctl.%s", key);
	if (ns == -EINVAL)
		faults_add(f, 0, path, "\"%s\" is no name of a sysctl", key);
	else if (ns < 0 || !oci_has_ns(s, (enum oci_ns)ns, NULL))
		missing_ns(path, key, ns, f);
	else if (ns == OCI_NS_UTS && str_ends(key, "hostname"))
		conflict(path, key, "hostname", f);
	else if (ns == OCI_NS_UTS && s->domainname && *s->domainname)
		conflict(path, key, "domainname", f);
}

void check_sysctl(const struct oci_spec *s, struct faults *f)
{
	size_t i;

	for (i = 0; i < s->linux_->sysctl.n; i++)
		check_one(s, s->linux_->sysctl.v[i].key, f);
}
