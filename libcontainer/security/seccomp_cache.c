/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled filters kept between runs, one file for each profile. A file holds
 * the whole canonical profile beside the program, so a hit means that the very
 * same bytes were compiled; the hash only names the file and finds rot. Nothing
 * in a directory or file that others can write is ever used, and what is read
 * is checked like a program from a stranger. Failing costs time, never more.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "security/seccomp.h"
#include "security/seccomp_priv.h"

#define FORMAT 1u
#define MAX_KEY (1u << 20)
#define MAX_FILES 128

struct entry_header {
	char magic[8];
	uint32_t format, key_len, n_insns, reserved;
	uint64_t sum[2]; /* of all that follows the header */
};
static const char magic[8] = { 't', 'a', 'r', 'e', 'b', 'p', 'f', '\n' };

static void put_u64(struct buf *b, uint64_t v)
{
	buf_add(b, &v, sizeof(v));
}

/* A string that may be absent, so that no two lists look alike. */
static void put_str(struct buf *b, const char *s)
{
	if (!s) {
		put_u64(b, UINT64_MAX);
		return;
	}
	put_u64(b, strlen(s));
	buf_puts(b, s);
}

static void put_opt(struct buf *b, struct opt_u32 v)
{
	put_u64(b, v.set ? v.v : UINT64_MAX);
}

static void put_list(struct buf *b, const struct str_list *l)
{
	put_u64(b, l->n);
	for (size_t i = 0; i < l->n; i++)
		put_str(b, l->v[i]);
}

void seccomp_canonical(const struct oci_seccomp *s, struct buf *b)
{
	put_u64(b, FORMAT);
	put_str(b, PACKAGE_VERSION);
	put_str(b, seccomp_lib_version());
	put_u64(b, SCMP_ARCH_NATIVE);
	put_str(b, s->default_action);
	put_opt(b, s->default_errno_ret);
	put_list(b, &s->architectures);
	put_u64(b, s->syscalls.n);
	for (size_t i = 0; i < s->syscalls.n; i++) {
		const struct oci_seccomp_rule *r = &s->syscalls.v[i];

		put_list(b, &r->names);
		put_str(b, r->action);
		put_opt(b, r->errno_ret);
		put_u64(b, r->args.n);
		for (size_t k = 0; k < r->args.n; k++) {
			put_u64(b, r->args.v[k].index);
			put_u64(b, r->args.v[k].value);
			put_u64(b, r->args.v[k].value_two);
			put_str(b, r->args.v[k].op);
		}
	}
}

static void entry_name(const struct buf *key, char name[48])
{
	uint64_t h[2];

	siphash128(key->data, key->len, h);
	snprintf(name, 48, "%016llx%016llx.bpf", (unsigned long long)h[0],
		 (unsigned long long)h[1]);
}

static bool only_ours(const struct stat *st)
{
	return st->st_uid == geteuid() && (st->st_mode & 022) == 0;
}

static int open_dir(const char *dir)
{
	_cleanup_close_ int fd =
		open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!only_ours(&st))
		return -EPERM;
	return take_fd(&fd);
}

static int open_entry(int dirfd, const char *name, size_t *ret_size)
{
	_cleanup_close_ int fd = openat(
		dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || !only_ours(&st) ||
	    st.st_size < (off_t)sizeof(struct entry_header) ||
	    st.st_size > (off_t)(sizeof(struct entry_header) + MAX_KEY +
				 BPF_MAXINSNS * sizeof(struct sock_filter)))
		return -EPERM;
	*ret_size = (size_t)st.st_size;
	return take_fd(&fd);
}

static bool entry_good(const char *data, size_t size, const struct buf *key,
		       struct entry_header *h)
{
	uint64_t sum[2];
	size_t rest = size - sizeof(*h);

	memcpy(h, data, sizeof(*h));
	if (memcmp(h->magic, magic, sizeof(magic)) != 0 ||
	    h->format != FORMAT || h->reserved != 0 || h->key_len != key->len ||
	    h->n_insns == 0 || h->n_insns > BPF_MAXINSNS ||
	    rest != h->key_len + h->n_insns * sizeof(struct sock_filter) ||
	    memcmp(data + sizeof(*h), key->data, key->len) != 0)
		return false;
	siphash128(data + sizeof(*h), rest, sum);
	return memcmp(sum, h->sum, sizeof(sum)) == 0;
}

int seccomp_cache_load(struct arena *a, const char *dir, const struct buf *key,
		       struct bpf_program *ret)
{
	_cleanup_close_ int dirfd = open_dir(dir), fd = -EBADF;
	struct entry_header h;
	struct bpf_program p;
	char name[48], *data;
	size_t size = 0;

	if (dirfd < 0)
		return -ENOENT;
	entry_name(key, name);
	fd = open_entry(dirfd, name, &size);
	if (fd < 0)
		return -ENOENT;
	data = arena_alloc(a, size);
	if (!data)
		return -ENOMEM;
	if (io_read_all(fd, data, size) != (ssize_t)size ||
	    !entry_good(data, size, key, &h))
		return -ENOENT;
	p.n = h.n_insns;
	p.v = arena_memdup(a, data + sizeof(h) + h.key_len, p.n * sizeof(*p.v));
	if (!p.v)
		return -ENOMEM;
	if (bpf_check(p.v, p.n) < 0)
		return -ENOENT;
	*ret = p;
	return 0;
}

/* Room for a new file: away with all when somebody made too many. */
static void make_room(int dirfd)
{
	_cleanup_close_ int fd =
		openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	unsigned int n = 0;

	if (!d)
		return;
	(void)take_fd(&fd);
	while ((e = readdir(d)))
		n++;
	if (n > MAX_FILES) {
		rewinddir(d);
		while ((e = readdir(d)))
			if (str_ends(e->d_name, ".bpf"))
				(void)unlinkat(dirfd, e->d_name, 0);
	}
	closedir(d);
}

void seccomp_cache_store(const char *dir, const struct buf *key,
			 const struct bpf_program *p)
{
	_cleanup_close_ int dirfd = open_dir(dir);
	_cleanup_buf_ struct buf b = { 0 };
	struct entry_header h = { .format = FORMAT,
				  .key_len = (uint32_t)key->len,
				  .n_insns = (uint32_t)p->n };
	char name[48];
	int r;

	if (dirfd == -ENOENT && path_mkdir_p(dir, 0700) == 0)
		dirfd = open_dir(dir);
	if (dirfd < 0 || key->len > MAX_KEY || p->n > BPF_MAXINSNS) {
		log_debug("seccomp: no cache in %s", dir);
		return;
	}
	make_room(dirfd);
	memcpy(h.magic, magic, sizeof(magic));
	buf_add(&b, &h, sizeof(h));
	buf_add(&b, key->data, key->len);
	buf_add(&b, p->v, p->n * sizeof(*p->v));
	if (buf_error(&b) < 0)
		return;
	siphash128(b.data + sizeof(h), b.len - sizeof(h), h.sum);
	memcpy(b.data, &h, sizeof(h));
	entry_name(key, name);
	r = io_replace_at(dirfd, name, b.data, b.len, 0600);
	if (r < 0)
		log_debug("seccomp: cache %s/%s: %s", dir, name, err_str(-r));
}
