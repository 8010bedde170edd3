/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "runtime/store.h"

#define STATE_FILE "state.json"
#define STATE_MAX (4u << 20)
#define CONFIG_MAX (16u << 20)
#define ID_MAX 255

static const struct field config_fields[] = {
	FIELD(struct store_config, rootfs, "rootfs", F_STR),
	FIELD(struct store_config, labels, "labels", F_STR_LIST),
};
static RECORD(config_record, struct store_config, config_fields);

#define S(member, json, kind, ...) \
	FIELD(struct store_state, member, json, kind, __VA_ARGS__)
static const struct field state_fields[] = {
	S(oci_version, "ociVersion", F_STR),
	S(id, "id", F_STR),
	S(phase, "phase", F_STR),
	S(pid, "init_process_pid", F_I32),
	S(start_time, "init_process_start", F_U64),
	S(boot_id, "bootId", F_STR),
	S(created, "created", F_STR),
	S(bundle, "bundle", F_STR),
	S(rootfs, "rootfs", F_STR),
	S(annotations, "annotations", F_STR_MAP),
	S(cgroup, "cgroup", F_OBJ, .record = &cg_record_record),
	S(hooks, "hooks", F_OBJ, .record = &oci_hooks_record),
	S(new_pidns, "newPidNamespace", F_BOOL),
	S(rootless, "rootless", F_BOOL),
	S(rootfs_below, "rootfsBelow", F_U64, .flags = FF_OMIT_ZERO),
	S(rootfs_ns, "rootfsNamespace", F_U64, .flags = FF_OMIT_ZERO),
	S(rdt_path, "intel_rdt_path", F_STR),
	S(rdt_mon_path, "intel_rdt_mon_path", F_STR),
	S(rdt_made, "intelRdtMade", F_BOOL, .flags = FF_OMIT_ZERO),
	S(rdt_named, "intelRdtNamed", F_BOOL, .flags = FF_OMIT_ZERO),
	S(cgroup_paths, "cgroup_paths", F_STR_MAP),
	S(namespace_paths, "namespace_paths", F_STR_MAP),
	S(config, "config", F_OBJ, .record = &config_record),
};
RECORD(store_state_record, struct store_state, state_fields);

void store_close(struct store_dir *d)
{
	close_fd(d->fd);
	close_fd(d->rootfd);
	*d = (struct store_dir)STORE_DIR_NONE;
}

int store_check_id(const char *id)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-";
	size_t n = strlen(id);

	if (n == 0)
		return err_text(-EINVAL, "container id cannot be empty");
	if (n > ID_MAX || strspn(id, ok) != n || id[0] == '-' ||
	    streq(id, ".") || streq(id, ".."))
		return err_text(-EINVAL, "invalid container ID format");
	return 0;
}

static int no_container(void)
{
	err_text(-ENOENT, "container does not exist");
	err_set_class(ERR_NO_CONTAINER);
	return -ENOENT;
}

/* The state root: ours and closed to others, else what is in it is not. */
static int open_root(const char *path)
{
	_cleanup_close_ int fd = -EBADF;
	struct stat st;

	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid() || (st.st_mode & 0022))
		return -EACCES;
	return take_fd(&fd);
}

static int make_root(const struct rt_global *g)
{
	int r = path_mkdir_p(g->root, 0700);

	if (r < 0)
		return err_set(r, "make the state directory %s", g->root);
	/* the sticky bit keeps cleaners of a runtime directory away */
	if (!g->root_given && g->rootless)
		(void)!chmod(g->root, 01700);
	r = open_root(g->root);
	if (r == -EACCES)
		return err_text(r,
				"the state directory %s must belong to the "
				"caller and be writable by nobody else",
				g->root);
	return r < 0 ? err_set(r, "open the state directory %s", g->root) : r;
}

static int take_lock(int fd, enum store_lock how)
{
	int64_t end = io_now_ms() + (how == STORE_TRY ? 0 : STORE_LOCK_MS);
	unsigned int pause_ms = 1;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (io_now_ms() >= end)
			return -EWOULDBLOCK;
		io_sleep_ms(pause_ms);
		pause_ms = MIN(2 * pause_ms, 20u);
	}
	return 0;
}

static int open_locked_dir(int rootfd, const char *id, enum store_lock lock)
{
	for (int tries = 0; tries < 16; tries++) {
		_cleanup_close_ int fd = -EBADF;
		struct stat a, b;
		int r;

		fd = openat(rootfd, id,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		if (lock == STORE_LOOK)
			return take_fd(&fd);
		r = take_lock(fd, lock);
		if (r < 0)
			return r;
		/* removed, or removed and made anew, while we waited? */
		if (fstat(fd, &a) == 0 &&
		    fstatat(rootfd, id, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
		    a.st_ino == b.st_ino && a.st_dev == b.st_dev)
			return take_fd(&fd);
	}
	return -ENOENT;
}

int store_create(const struct rt_global *g, const char *id,
		 struct store_dir *ret)
{
	_cleanup_store_ struct store_dir d = STORE_DIR_NONE;
	int r = store_check_id(id);

	if (r < 0)
		return r;
	d.rootfd = open_root(g->root);
	if (d.rootfd < 0)
		d.rootfd = make_root(g);
	if (d.rootfd < 0)
		return d.rootfd;
	if (mkdirat(d.rootfd, id, 0711) < 0) {
		if (errno == EEXIST)
			return err_text(
				-EEXIST,
				"container with given ID already exists");
		return err_set(-errno, "make the state directory %s/%s",
			       g->root, id);
	}
	d.fd = open_locked_dir(d.rootfd, id, STORE_LOCK);
	if (d.fd < 0) {
		r = err_set(d.fd, "lock the state directory %s/%s", g->root, id);
		(void)!unlinkat(d.rootfd, id, AT_REMOVEDIR);
		return r;
	}
	*ret = (struct store_dir){ .fd = take_fd(&d.fd),
				   .rootfd = take_fd(&d.rootfd),
				   .id = id };
	return 0;
}

int store_open(const struct rt_global *g, const char *id, enum store_lock lock,
	       struct store_dir *ret)
{
	_cleanup_close_ int rootfd = -EBADF;
	int r = store_check_id(id), fd;

	if (r < 0)
		return r;
	rootfd = open_root(g->root);
	if (rootfd == -ENOENT)
		return no_container();
	if (rootfd < 0)
		return err_set(rootfd, "open the state directory %s", g->root);
	fd = open_locked_dir(rootfd, id, lock);
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
		return no_container();
	if (fd == -EWOULDBLOCK)
		return err_text(fd, "container %s is held by another command",
				id);
	if (fd < 0)
		return err_set(fd, "open the state directory %s/%s", g->root,
			       id);
	*ret = (struct store_dir){ .fd = fd,
				   .rootfd = take_fd(&rootfd),
				   .id = id };
	return 0;
}

int store_unlock(struct store_dir *d)
{
	return flock(d->fd, LOCK_UN) < 0 ? -errno : 0;
}

int store_save(struct store_dir *d, const struct store_state *s)
{
	_cleanup_buf_ struct buf b = { 0 };
	int r = json_write(&b, &store_state_record, s, JSON_COMPACT);

	if (r < 0)
		return err_set(r, "write the container's record");
	r = io_replace_at(d->fd, STATE_FILE, b.data, b.len, 0600);
	return r < 0 ? err_set(r, "save the container's record") : 0;
}

int store_load(struct store_dir *d, struct arena *a, struct store_state *ret)
{
	_cleanup_free_ char *text = NULL;
	struct faults f;
	size_t len;
	int r;

	r = io_slurp_at(d->fd, STATE_FILE, STATE_MAX, true, &text, &len);
	if (r == -ENOENT)
		return no_container();
	if (r < 0)
		return err_set(r, "read the record of container %s", d->id);
	faults_init(&f, a);
	r = json_parse(a, text, len, &store_state_record, ret, &f);
	if (r == -ENOMEM)
		return err_set(r, "read the record of container %s", d->id);
	if (f.n > 0 || !ret->id || !streq(ret->id, d->id))
		return err_text(-EBADMSG,
				"the record of container %s is damaged%s%s",
				d->id, f.n ? ": " : "", f.n ? f.v[0].text : "");
	r = ret->phase ? 0 : store_take_foreign(a, ret);
	return r < 0 ? err_set(r, "read the record of container %s", d->id) : 0;
}

int store_remove(struct store_dir *d)
{
	int r = path_remove_at(d->rootfd, d->id);

	if (r < 0 && r != -ENOENT)
		return err_set(r, "remove the state directory of %s", d->id);
	return 0;
}

int store_save_config(struct store_dir *d, const char *text, size_t len)
{
	_cleanup_close_ int fd = -EBADF;
	int r;

	fd = openat(d->fd, "config.json",
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	r = fd < 0 ? -errno : io_write_all(fd, text, len);
	return r < 0 ? err_set(r, "keep a copy of the configuration") : 0;
}

int store_load_config(struct store_dir *d, const struct store_state *s,
		      struct arena *a, struct oci_spec **ret)
{
	_cleanup_close_ int bundle =
		s->foreign ? open(s->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC)
			   : -EBADF;
	_cleanup_free_ char *text = NULL;
	size_t len;
	int r;

	r = s->foreign && bundle < 0 ? -errno : 0;
	if (r == 0)
		r = io_slurp_at(s->foreign ? bundle : d->fd, "config.json",
				CONFIG_MAX, true, &text, &len);
	if (r < 0)
		return err_set(r, "read the configuration of container %s",
			       d->id);
	return oci_parse(a, "config.json", text, len, ret);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_ids(DIR *dir, struct arena *a, struct str_list *ret)
{
	size_t cap = 0;
	struct dirent *e;

	while ((e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.' &&
		    (e->d_name[1] == '\0' || streq(e->d_name, "..")))
			continue;
		if (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN)
			continue;
		if (ret->n == cap) {
			size_t more = cap ? 2 * cap : 64;
			char **v = arena_calloc(a, more, sizeof(*v));

			if (!v)
				return -ENOMEM;
			if (cap)
				memcpy(v, ret->v, cap * sizeof(*v));
			ret->v = v;
			cap = more;
		}
		ret->v[ret->n] = arena_strdup(a, e->d_name);
		if (!ret->v[ret->n++])
			return -ENOMEM;
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_name);
	return 0;
}

int store_ids(const struct rt_global *g, struct arena *a, struct str_list *ret)
{
	DIR *dir = opendir(g->root);
	int r;

	*ret = (struct str_list){ 0 };
	if (!dir && errno == ENOENT && !g->root_given)
		return 0;
	if (!dir)
		return err_set(-errno, "open %s", g->root);
	r = read_ids(dir, a, ret);
	closedir(dir);
	return r < 0 ? err_set(r, "list %s", g->root) : 0;
}

/* Any length of state root fits: the address goes through the directory fd. */
static void socket_address(struct store_dir *d, struct sockaddr_un *sa)
{
	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(sa->sun_path, sizeof(sa->sun_path),
		 "/proc/self/fd/%d/" STORE_SOCKET, d->fd);
}

int store_listen(struct store_dir *d)
{
	_cleanup_close_ int fd = -EBADF;
	struct sockaddr_un sa;

	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(-errno, "make the start socket");
	socket_address(d, &sa);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return err_set(-errno, "bind the start socket");
	if (listen(fd, 1) < 0)
		return err_set(-errno, "listen on the start socket");
	return take_fd(&fd);
}

int store_connect(struct store_dir *d)
{
	_cleanup_close_ int fd = -EBADF;
	struct sockaddr_un sa;

	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	socket_address(d, &sa);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -errno;
	return take_fd(&fd);
}
