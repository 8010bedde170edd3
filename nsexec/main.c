/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "base/fd.h"
#include "base/fmt.h"
#include "base/str.h"
#include "base/sys.h"
#include "codec/wire.h"
#include "nsexec/init.h"
#include "nsexec/kernel.h"

#define CHAN_FD 3
#define TMP_FDS_MAX 128 /* so many may be open before a sweep */

static struct init state;

static const struct {
	op_fn *run;
	const char *name;
} ops[OP_COUNT] = {
	[OP_NONE] = { NULL, "nothing" },
	[OP_SYNC] = { op_sync, "wait for the parent" },
	[OP_JOIN_NS] = { op_join_ns, "join namespaces" },
	[OP_UNSHARE] = { op_unshare, "make namespaces" },
	[OP_NS_ROOT] = { op_ns_root, "become root of the user namespace" },
	[OP_FORK] = { op_fork, "fork" },
	[OP_SETSID] = { op_setsid, "make a session" },
	[OP_KEYRING] = { op_keyring, "make a session keyring" },
	[OP_WAIT_START] = { op_wait_start, "wait for start" },
	[OP_HOOK] = { op_hook, "run a hook" },
	[OP_PROPAGATION] = { op_propagation, "set mount propagation" },
	[OP_ROOT] = { op_root, "set up the root file system" },
	[OP_MOUNT] = { op_mount, "mount" },
	[OP_DEVICE] = { op_device, "make a device" },
	[OP_SYMLINK] = { op_symlink, "make a symbolic link" },
	[OP_REMOUNT_RO] = { op_remount_ro, "make a mount read-only" },
	[OP_ROOT_RO] = { op_root_ro, "make the root file system read-only" },
	[OP_MASK] = { op_mask, "mask a path" },
	[OP_READONLY] = { op_readonly, "make a path read-only" },
	[OP_PIVOT] = { op_pivot, "change the root" },
	[OP_ROOT_PROPAGATION] = { op_root_propagation,
				  "set propagation of the root" },
	[OP_HOSTNAME] = { op_hostname, "set the host name" },
	[OP_DOMAINNAME] = { op_domainname, "set the domain name" },
	[OP_SYSCTL] = { op_sysctl, "set a sysctl" },
	[OP_LOOPBACK] = { op_loopback, "bring up the loopback device" },
	[OP_CONSOLE] = { op_console, "make a console" },
	[OP_CTTY] = { op_ctty, "set the controlling terminal" },
	[OP_STDIO] = { op_stdio, "set up standard streams" },
	[OP_RLIMIT] = { op_rlimit, "set a resource limit" },
	[OP_UMASK] = { op_umask, "set the umask" },
	[OP_AFFINITY] = { op_affinity, "set the CPU affinity" },
	[OP_SCHED] = { op_sched, "set the scheduler" },
	[OP_IOPRIO] = { op_ioprio, "set the I/O priority" },
	[OP_PERSONALITY] = { op_personality, "set the personality" },
	[OP_MEMPOLICY] = { op_mempolicy, "set the memory policy" },
	[OP_LABEL] = { op_label, "set a label" },
	[OP_GROUPS] = { op_groups, "set additional groups" },
	[OP_USER] = { op_user, "set the user" },
	[OP_BOUNDING] = { op_bounding, "set bounding capabilities" },
	[OP_CAPS] = { op_caps, "set capabilities" },
	[OP_AMBIENT] = { op_ambient, "set ambient capabilities" },
	[OP_NNP] = { op_nnp, "set no_new_privs" },
	[OP_SECCOMP] = { op_seccomp, "load the seccomp filter" },
	[OP_CHDIR] = { op_chdir, "change the working directory" },
	[OP_LOOKUP] = { op_lookup, "find the program" },
	[OP_HOME] = { op_home, "find the home directory" },
	[OP_CLOSE_FROM] = { op_close_from, "close files" },
	[OP_EXEC] = { op_exec, "execute the program" },
	[OP_UNMOUNT] = { op_unmount, "unmount" },
	[OP_END] = { op_end, "end" },
};

static const struct wire_layout layout = {
	.magic = PLAN_MAGIC,
	.version = PLAN_VERSION,
	.max_total = PLAN_MAX_BYTES,
	.max_ops = PLAN_MAX_OPS,
	.max_slots = PLAN_MAX_SLOTS,
	.n_codes = OP_COUNT,
};

/* --- errors ------------------------------------------------------------- */

static _noreturn_ void die(struct init *in, int r)
{
	static char text[ERR_TEXT_MAX + ERR_HINT_MAX];
	struct chan_msg m = {
		.type = CHAN_ERROR,
		.arg = (uint32_t)-r,
		.val = err_get_class(),
	};
	size_t n = strlen(err_get()) + 1, h = strlen(err_get_hint()) + 1;

	memcpy(text, err_get(), n);
	memcpy(text + n, err_get_hint(), h);
	m.len = (uint32_t)(n + h);
	chan_send(in->chan, &m, text, NULL, 0);
	_exit(1);
}

/* --- start -------------------------------------------------------------- */

static uint64_t hex(const char *p)
{
	uint64_t v = 0;

	for (int n = 0; n < 16 && *p > ' '; n++, p++)
		v = v << 4 | (uint64_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
	return v;
}

/*
 * What the caller ignored, and what it had in its bounding set: from one
 * read of the status. Without it every signal is reset.
 */
static void read_status(uint64_t *ignored, uint64_t *bounding)
{
	static char text[4096];
	const char *line = text;
	int fd = openat(AT_FDCWD, "/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	close_fd(fd);
	if (n < 0)
		return;
	text[n] = '\0';
	for (; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "SigIgn:\t", 8) == 0)
			*ignored = hex(line + 8);
		else if (strncmp(line, "CapBnd:\t", 8) == 0)
			*bounding = hex(line + 8);
	}
}

/* As a new process finds them: no signal ignored, none blocked. */
static void reset_signals(uint64_t ignored)
{
	const struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < 32; sig++)
		if (sig != SIGKILL && sig != SIGSTOP &&
		    (ignored >> (sig - 1) & 1))
			sigaction(sig, &dfl, NULL);
	if (ignored >> 34)
		for (int sig = 35; sig <= 64; sig++)
			sigaction(sig, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int init_undumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0
		       ? err_set(-errno, "make init undumpable")
		       : 0;
}

/*
 * One message of the plan, put behind what is there already. A plan of one
 * message stays where it was received.
 */
static int take_piece(struct init *in, char **block, size_t *have, size_t *fds)
{
	static char piece[CHAN_PAYLOAD_MAX] __attribute__((aligned(8)));
	struct chan_msg m;
	size_t n = MIN(CHAN_FDS_MAX, PLAN_MAX_SLOTS - *fds);
	int r;

	r = chan_recv(in->chan, &m, piece, sizeof(piece), in->slots + *fds, &n);
	if (r == 0)
		_exit(1);
	if (r < 0)
		return err_set(r, "receive the plan");
	if (m.type != CHAN_PLAN || m.arg != n || m.val <= 0 ||
	    m.val > PLAN_MAX_BYTES || (uint64_t)m.len > (uint64_t)m.val - *have)
		return err_set(-EBADMSG, "receive the plan");
	*fds += n;
	if (!*block && m.len == m.val) {
		*block = piece;
		*have = m.len;
		return 0;
	}
	if (!*block)
		*block = mmap(NULL, (size_t)m.val, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (*block == MAP_FAILED)
		return err_set(-errno, "memory for the plan");
	memcpy(*block + *have, piece, m.len);
	*have += m.len;
	return m.val > (int64_t)*have;
}

static int take_plan(struct init *in)
{
	size_t have = 0, fds = 0;
	char *block = NULL;
	int r;

	do
		r = take_piece(in, &block, &have, &fds);
	while (r > 0);
	/* fds may come in messages without further bytes */
	if (r == 0 && have >= sizeof(*in->head))
		in->head = (const struct plan_header *)block;
	while (r == 0 && in->head && fds < in->head->n_fds)
		r = take_piece(in, &block, &have, &fds);
	if (r < 0)
		return r;
	r = wire_check(block, have, &layout);
	if (r == 0 && fds != in->head->n_fds)
		r = -EBADMSG;
	if (r < 0)
		return err_set(r, "check the plan");
	in->ops = (const struct plan_op *)(in->head + 1);
	in->data = (const char *)(in->ops + in->head->n_ops);
	for (size_t i = fds; i < PLAN_MAX_SLOTS; i++)
		in->slots[i] = -EBADF;
	in->first_tmp = in->chan + 1;
	for (size_t i = 0; i < fds; i++)
		in->first_tmp = MAX(in->first_tmp, in->slots[i] + 1);
	in->last_tmp = -1;
	return 0;
}

bool plan_has_later(const struct init *in, unsigned int code)
{
	for (size_t i = in->next; i < in->head->n_ops; i++)
		if (in->ops[i].code == code)
			return true;
	return false;
}

/* What has to be known before the operations that it is about. */
static int look_ahead(struct init *in)
{
	bool maps = false;

	in->keep = CHAN_FD;
	for (size_t i = 0; i < in->head->n_ops; i++) {
		const struct plan_op *op = &in->ops[i];

		if (op->code == OP_CLOSE_FROM)
			in->keep = MAX(op->arg, 3u);
		if (op->code == OP_SYNC && op->arg == SYNC_USERNS)
			maps = true;
	}
	if (in->keep > (unsigned int)in->chan)
		return err_set(-EBADF, "keep the channel to init");
	if (fcntl(in->chan, F_SETFD, FD_CLOEXEC) < 0)
		return err_set(-errno, "keep the channel to init");
	if (in->head->kind == PLAN_CREATE) {
		umask(0);
		/* what one sees of a container that was not started yet */
		prctl(PR_SET_NAME, "tare:init", 0, 0, 0);
	}
	/* An unprivileged parent may not write the maps of what is not. */
	return maps ? 0 : init_undumpable();
}

static int run(struct init *in)
{
	for (in->next = 0; in->next < in->head->n_ops;) {
		const struct plan_op *op = &in->ops[in->next++];
		int r = -ENOSYS;

		if (ops[op->code].run)
			r = ops[op->code].run(in, op);
		if (r < 0) {
			if (*err_get() == '\0')
				err_set(r, "%s", ops[op->code].name);
			if (op->where && err_get_class() != ERR_EXEC)
				err_ctx(r, "%s", OP_STR(in, op->where));
			return r;
		}
		err_clear(); /* of what was then done another way */
		if (in->last_tmp >= in->first_tmp + TMP_FDS_MAX)
			fd_sweep(in);
	}
	return err_text(-EINVAL, "the plan ends without a program");
}

int main(int argc, char **argv)
{
	struct init *in = &state;
	uint64_t ignored = ~0ull;
	uint32_t chan;
	int r;

	in->chan = CHAN_FD;
	in->root = -EBADF;
	in->bounding = ~0ull;
	procfs_forget(in);
	if (argc > 2 && str_u32(argv[2], &chan) == 0 && chan < 65536)
		in->chan = (int)chan;
	read_status(&ignored, &in->bounding);
	reset_signals(ignored);
	r = take_plan(in);
	if (r == 0)
		r = look_ahead(in);
	if (r == 0)
		r = run(in);
	die(in, r);
}
