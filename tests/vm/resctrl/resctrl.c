/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A stand-in for the kernel's resctrl file system, for machines whose processor
 * has no RDT: a container runtime sees what Documentation/arch/x86/resctrl.rst
 * says, on two L3 caches of 11 ways with bandwidth control and monitoring. A
 * task is in the group that its closid and rmid name, which the kernel has in
 * task_struct and gives to children; without RDT nobody else uses them.
 *
 * Limits limit nothing, and counters are made up: a multiple of the RMID. There
 * are no CPUs of groups, no modes but shareable, no CDP, no options of mount.
 * Removed groups stay in memory until it is unmounted, for files still open.
 *
 * A test tool of tests/vm, never linked with the runtime. A module has to have
 * the kernel's licence to use what the kernel exports.
 */
#include <linux/bitmap.h>
#include <linux/cpumask.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/kobject.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#define DOMAINS 2
#define CLOSIDS 8
#define RMIDS 16
#define WAYS 11
#define WAY_SIZE 1048576UL
#define ALL_WAYS ((1UL << WAYS) - 1)

enum { L3, MB, RESOURCES };
static const char *const resources[] = { "L3", "MB" };

struct group {
	struct list_head list;
	struct group *parent; /* the control group of a monitoring one */
	bool dead;
	u32 closid, rmid;
	u32 ctrl[RESOURCES][DOMAINS];
};

/* Directories have the group as i_private, files the type. */
struct type {
	enum { GROUP, CTRL, DATA0, DATA1, INFO, INFO_L3, INFO_MON, INFO_MB } in;
	const char *name;
	umode_t mode;
	int (*show)(struct seq_file *m, struct group *g, const struct type *t);
	int (*write)(struct group *g, char *text, size_t len);
	const char *text;
};

static DEFINE_MUTEX(lock);
static LIST_HEAD(groups); /* the root is the first */
static DECLARE_BITMAP(closids, CLOSIDS);
static DECLARE_BITMAP(rmids, RMIDS);
static bool mounted;
static char status[512];

/* For info/last_cmd_status. */
static __printf(1, 2) int say(const char *format, ...)
{
	size_t n = strlen(status);
	va_list ap;

	va_start(ap, format);
	vscnprintf(status + n, sizeof(status) - n, format, ap);
	va_end(ap);
	return -EINVAL;
}

/* --- tasks -------------------------------------------------------------- */

static bool in_group(const struct task_struct *t, const struct group *g)
{
	return t->closid == g->closid && (!g->parent || t->rmid == g->rmid);
}

static void move_task(struct task_struct *t, const struct group *g)
{
	WRITE_ONCE(t->closid, g ? g->closid : 0);
	WRITE_ONCE(t->rmid, g ? g->rmid : 0);
}

static void move_tasks(const struct group *from, const struct group *to)
{
	struct task_struct *p, *t;

	rcu_read_lock();
	for_each_process_thread(p, t) {
		if (!from || in_group(t, from))
			move_task(t, to);
	}
	rcu_read_unlock();
}

static int show_tasks(struct seq_file *m, struct group *g, const struct type *x)
{
	struct task_struct *p, *t;

	rcu_read_lock();
	for_each_process_thread(p, t) {
		if (in_group(t, g) && task_pid_vnr(t))
			seq_printf(m, "%d\n", task_pid_vnr(t));
	}
	rcu_read_unlock();
	return 0;
}

static int join(struct group *g, pid_t pid)
{
	struct task_struct *t;
	int r = 0;

	rcu_read_lock();
	t = pid ? pid_task(find_vpid(pid), PIDTYPE_PID) : current;
	if (!t) {
		say("No task %d\n", pid);
		r = -ESRCH;
	} else if (g->parent && t->closid != g->closid) {
		r = say("Can't move task to different control group\n");
	} else {
		move_task(t, g);
	}
	rcu_read_unlock();
	return r;
}

static int write_tasks(struct group *g, char *text, size_t len)
{
	char *word;
	pid_t pid;
	int r = 0;

	while (!r && text && *text && *text != '\n') {
		word = strim(strsep(&text, ","));
		if (kstrtoint(word, 0, &pid))
			return say("Task list parsing error pid %s\n", word);
		if (pid < 0)
			return say("Invalid pid %d\n", pid);
		r = join(g, pid);
		if (r)
			say("Error while processing task %d\n", pid);
	}
	return r;
}

/* --- schemata ----------------------------------------------------------- */

/* Names are as wide as L3CODE, values as the widest. */
static int show_schemata(struct seq_file *m, struct group *g,
			 const struct type *t)
{
	for (int r = 0; r < RESOURCES; r++) {
		seq_printf(m, "%6s:", resources[r]);
		for (int d = 0; d < DOMAINS; d++)
			seq_printf(m, r == L3 ? "%s%d=%03x" : "%s%d=%3u",
				   d ? ";" : "", d, g->ctrl[r][d]);
		seq_putc(m, '\n');
	}
	return 0;
}

static int show_size(struct seq_file *m, struct group *g, const struct type *t)
{
	for (int r = 0; r < RESOURCES; r++) {
		seq_printf(m, "%6s:", resources[r]);
		for (int d = 0; d < DOMAINS; d++)
			seq_printf(m, "%s%d=%lu", d ? ";" : "", d,
				   r == L3 ? hweight32(g->ctrl[r][d]) * WAY_SIZE
					   : g->ctrl[r][d]);
		seq_putc(m, '\n');
	}
	return 0;
}

static int parse_mask(const char *text, unsigned long *v)
{
	unsigned long zero;

	if (kstrtoul(text, 16, v))
		return say("Non-hex character in the mask %s\n", text);
	if (*v == 0 || *v > ALL_WAYS)
		return say("Mask out of range\n");
	zero = find_next_zero_bit(v, WAYS, find_first_bit(v, WAYS));
	if (find_next_bit(v, WAYS, zero) < WAYS)
		return say("The mask %lx has non-consecutive 1-bits\n", *v);
	return 0;
}

static int parse_bandwidth(const char *text, unsigned long *v)
{
	if (kstrtoul(text, 10, v))
		return say("Invalid MB value %s\n", text);
	if (*v < 10 || *v > 100)
		return say("MB value %lu out of range [10,100]\n", *v);
	*v = roundup(*v, 10);
	return 0;
}

/* "0=7f0;1=1f" into a row, where 0 is what was not given. */
static int parse_values(int resource, char *line, u32 *row)
{
	unsigned long d, v;
	char *value, *id;
	int r;

	while (line && *line) {
		value = strsep(&line, ";");
		id = strsep(&value, "=");
		if (!value || kstrtoul(id, 10, &d))
			return say("Missing '=' or non-numeric domain\n");
		if (d >= DOMAINS)
			return -EINVAL;
		if (row[d])
			return say("Duplicate domain %lu\n", d);
		value = strim(value);
		r = resource == L3 ? parse_mask(value, &v)
				   : parse_bandwidth(value, &v);
		if (r)
			return r;
		row[d] = v;
	}
	return 0;
}

static int parse_line(char *line, u32 (*rows)[DOMAINS])
{
	char *name = strim(strsep(&line, ":"));

	if (!line)
		return say("Missing ':'\n");
	if (!*line)
		return say("Missing '%s' value\n", name);
	for (int r = 0; r < RESOURCES; r++)
		if (strcmp(name, resources[r]) == 0)
			return parse_values(r, line, rows[r]);
	return say("Unknown or unsupported resource name '%s'\n", name);
}

/* All of it or nothing. */
static int write_schemata(struct group *g, char *text, size_t len)
{
	u32 rows[RESOURCES][DOMAINS] = { 0 };
	char *line;
	int r = 0;

	if (len == 0 || text[len - 1] != '\n')
		return -EINVAL;
	text[len - 1] = '\0';
	while (!r && (line = strsep(&text, "\n")))
		r = parse_line(line, rows);
	for (int i = 0; !r && i < RESOURCES; i++)
		for (int d = 0; d < DOMAINS; d++)
			if (rows[i][d])
				g->ctrl[i][d] = rows[i][d];
	return r;
}

/* --- files -------------------------------------------------------------- */

static int show_text(struct seq_file *m, struct group *g, const struct type *t)
{
	seq_printf(m, "%s\n", t->text);
	return 0;
}

static int show_status(struct seq_file *m, struct group *g, const struct type *t)
{
	seq_puts(m, *status ? status : "ok\n");
	return 0;
}

/* All belong to the root. */
static int show_cpus(struct seq_file *m, struct group *g, const struct type *t)
{
	const struct cpumask *all = g->rmid ? cpu_none_mask : cpu_online_mask;

	seq_printf(m, t->text, cpumask_pr_args(all));
	return 0;
}

/* A control group counts what its monitoring groups count too. */
static int show_counter(struct seq_file *m, struct group *g,
			const struct type *t)
{
	unsigned long n = g->rmid;
	struct group *child;

	list_for_each_entry(child, &groups, list) {
		if (child->parent == g && !child->dead)
			n += child->rmid;
	}
	seq_printf(m, "%lu\n", n * strlen(t->name) * (t->in - DATA0 + 1));
	return 0;
}

#define MON_FEATURES "llc_occupancy\nmbm_total_bytes\nmbm_local_bytes"

static const struct type types[] = {
	{ GROUP, "cpus", 0444, show_cpus, NULL, "%*pb\n" },
	{ GROUP, "cpus_list", 0444, show_cpus, NULL, "%*pbl\n" },
	{ GROUP, "tasks", 0644, show_tasks, write_tasks },
	{ CTRL, "mode", 0444, show_text, NULL, "shareable" },
	{ CTRL, "schemata", 0644, show_schemata, write_schemata },
	{ CTRL, "size", 0444, show_size },
	{ DATA0, "llc_occupancy", 0444, show_counter },
	{ DATA0, "mbm_local_bytes", 0444, show_counter },
	{ DATA0, "mbm_total_bytes", 0444, show_counter },
	{ DATA1, "llc_occupancy", 0444, show_counter },
	{ DATA1, "mbm_local_bytes", 0444, show_counter },
	{ DATA1, "mbm_total_bytes", 0444, show_counter },
	{ INFO, "last_cmd_status", 0444, show_status },
	{ INFO_L3, "bit_usage", 0444, show_text, NULL,
	  "0=SSSSSSSSSSS;1=SSSSSSSSSSS" },
	{ INFO_L3, "cbm_mask", 0444, show_text, NULL, "7ff" },
	{ INFO_L3, "min_cbm_bits", 0444, show_text, NULL, "1" },
	{ INFO_L3, "num_closids", 0444, show_text, NULL, "16" },
	{ INFO_L3, "shareable_bits", 0444, show_text, NULL, "0" },
	{ INFO_L3, "sparse_masks", 0444, show_text, NULL, "0" },
	{ INFO_MON, "max_threshold_occupancy", 0444, show_text, NULL, "65536" },
	{ INFO_MON, "mon_features", 0444, show_text, NULL, MON_FEATURES },
	{ INFO_MON, "num_rmids", 0444, show_text, NULL, __stringify(RMIDS) },
	{ INFO_MB, "bandwidth_gran", 0444, show_text, NULL, "10" },
	{ INFO_MB, "delay_linear", 0444, show_text, NULL, "1" },
	{ INFO_MB, "min_bandwidth", 0444, show_text, NULL, "10" },
	{ INFO_MB, "num_closids", 0444, show_text, NULL, __stringify(CLOSIDS) },
	{ INFO_MB, "thread_throttle_mode", 0444, show_text, NULL, "max" },
};

static struct group *group_of(const struct file *file)
{
	return d_inode(file->f_path.dentry->d_parent)->i_private;
}

static int show(struct seq_file *m, void *v)
{
	struct group *g = group_of(m->file);
	const struct type *t = m->private;
	int r;

	mutex_lock(&lock);
	r = g->dead ? -ENODEV : t->show(m, g, t);
	mutex_unlock(&lock);
	return r;
}

static int open_file(struct inode *inode, struct file *file)
{
	return single_open(file, show, inode->i_private);
}

static ssize_t write_file(struct file *file, const char __user *from,
			  size_t len, loff_t *pos)
{
	const struct type *t = file_inode(file)->i_private;
	struct group *g = group_of(file);
	char *text;
	int r;

	if (!t->write)
		return -EPERM;
	if (len > PAGE_SIZE)
		return -E2BIG;
	text = memdup_user_nul(from, len);
	if (IS_ERR(text))
		return PTR_ERR(text);
	mutex_lock(&lock);
	*status = '\0';
	r = g->dead ? -ENODEV : t->write(g, text, len);
	mutex_unlock(&lock);
	kfree(text);
	return r ? r : len;
}

static const struct file_operations file_ops = {
	.open = open_file,
	.read = seq_read,
	.write = write_file,
	.llseek = seq_lseek,
	.release = single_release,
};

/* --- directories -------------------------------------------------------- */

static const struct inode_operations dir_ops, parent_ops;

static struct inode *new_node(struct super_block *sb, umode_t mode, void *p)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = get_next_ino();
	inode->i_mode = mode;
	inode->i_private = p;
	simple_inode_init_ts(inode);
	if (S_ISDIR(mode)) {
		inode->i_op = &dir_ops;
		inode->i_fop = &simple_dir_operations;
		set_nlink(inode, 2);
	} else {
		inode->i_fop = &file_ops;
	}
	return inode;
}

static struct dentry *add(struct dentry *dir, const char *name, umode_t mode,
			  void *p)
{
	struct dentry *d = d_alloc_name(dir, name);
	struct inode *inode = d ? new_node(dir->d_sb, mode, p) : NULL;

	if (!inode) {
		dput(d);
		return NULL;
	}
	if (S_ISDIR(mode))
		inc_nlink(d_inode(dir));
	d_add(d, inode);
	return d;
}

static int add_files(struct dentry *dir, int in)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].in == in &&
		    !add(dir, types[i].name, S_IFREG | types[i].mode,
			 (void *)&types[i]))
			return -ENOMEM;
	return 0;
}

/* A directory with files. */
static struct dentry *add_dir(struct dentry *dir, const char *name, int in)
{
	struct dentry *d =
		add(dir, name, S_IFDIR | 0755, d_inode(dir)->i_private);

	return d && add_files(d, in) < 0 ? NULL : d;
}

/* What is in the directory of a group. */
static int fill_group(struct dentry *dir, struct group *g)
{
	struct dentry *data = add(dir, "mon_data", S_IFDIR | 0755, g), *d;

	if (!data || !add_dir(data, "mon_L3_00", DATA0) ||
	    !add_dir(data, "mon_L3_01", DATA1) || add_files(dir, GROUP) < 0)
		return -ENOMEM;
	if (g->parent)
		return 0;
	d = add(dir, "mon_groups", S_IFDIR | 0755, g);
	if (!d || add_files(dir, CTRL) < 0)
		return -ENOMEM;
	d_inode(d)->i_op = &parent_ops;
	return 0;
}

static struct group *make_group(struct group *parent)
{
	u32 closid =
		parent ? parent->closid : find_first_zero_bit(closids, CLOSIDS);
	u32 rmid = find_first_zero_bit(rmids, RMIDS);
	struct group *g;

	if (closid >= CLOSIDS || rmid >= RMIDS) {
		say(closid >= CLOSIDS ? "Out of CLOSIDs\n" : "Out of RMIDs\n");
		return ERR_PTR(-ENOSPC);
	}
	g = kzalloc(sizeof(*g), GFP_KERNEL);
	if (!g)
		return ERR_PTR(-ENOMEM);
	g->parent = parent;
	g->closid = closid;
	g->rmid = rmid;
	for (int d = 0; d < DOMAINS; d++) {
		g->ctrl[L3][d] = ALL_WAYS;
		g->ctrl[MB][d] = 100;
	}
	__set_bit(closid, closids);
	__set_bit(rmid, rmids);
	list_add_tail(&g->list, &groups);
	return g;
}

/* Monitoring groups end with their control group. */
static void end_group(struct group *g)
{
	struct group *child;

	list_for_each_entry(child, &groups, list) {
		if (child->parent == g && !child->dead)
			end_group(child);
	}
	move_tasks(g, g->parent);
	g->dead = true;
	__clear_bit(g->rmid, rmids);
	if (!g->parent)
		__clear_bit(g->closid, closids);
}

/* In the root a control group, in mon_groups a monitoring group. */
static int make_dir(struct mnt_idmap *idmap, struct inode *dir,
		    struct dentry *dentry, umode_t mode)
{
	bool root = dir == d_inode(dir->i_sb->s_root);
	struct group *g = dir->i_private;
	struct inode *inode;
	int r;

	if (strchr(dentry->d_name.name, '\n'))
		return -EINVAL;
	mutex_lock(&lock);
	*status = '\0';
	g = g->dead ? ERR_PTR(-ENODEV) : make_group(root ? NULL : g);
	mutex_unlock(&lock);
	if (IS_ERR(g))
		return PTR_ERR(g);
	inode = new_node(dir->i_sb, S_IFDIR | 0755, g);
	if (!inode)
		return -ENOMEM;
	inc_nlink(dir);
	inode_lock_nested(inode, I_MUTEX_CHILD);
	d_instantiate(dget(dentry), inode);
	r = fill_group(dentry, g);
	inode_unlock(inode);
	return r;
}

/* A group goes with all that is in it. */
static int remove_dir(struct inode *dir, struct dentry *dentry)
{
	struct inode *inode = d_inode(dentry);
	struct group *g = inode->i_private;
	bool dead;

	/* info, mon_groups and mon_data belong to the group above */
	if (g == dir->i_private)
		return -EPERM;
	/* simple_recursive_removal takes them itself */
	inode_unlock(inode);
	inode_unlock(dir);
	mutex_lock(&lock);
	dead = g->dead;
	if (!dead)
		end_group(g);
	mutex_unlock(&lock);
	if (!dead)
		simple_recursive_removal(dentry, NULL);
	inode_lock_nested(dir, I_MUTEX_PARENT);
	inode_lock(inode);
	return dead ? -ENOENT : 0;
}

static const struct inode_operations dir_ops = {
	.lookup = simple_lookup,
};
static const struct inode_operations parent_ops = {
	.lookup = simple_lookup,
	.mkdir = make_dir,
	.rmdir = remove_dir,
};

/* --- mount -------------------------------------------------------------- */

static const struct super_operations super_ops = {
	.statfs = simple_statfs,
	.drop_inode = generic_delete_inode,
};

/* get_tree has the lock. */
static int fill_super(struct super_block *sb, struct fs_context *fc)
{
	struct group *g = make_group(NULL);
	struct inode *inode;
	struct dentry *info;

	if (IS_ERR(g))
		return PTR_ERR(g);
	mounted = true;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_magic = RDTGROUP_SUPER_MAGIC;
	sb->s_op = &super_ops;
	inode = new_node(sb, S_IFDIR | 0755, g);
	sb->s_root = d_make_root(inode);
	if (!sb->s_root)
		return -ENOMEM;
	inode->i_op = &parent_ops;
	info = add_dir(sb->s_root, "info", INFO);
	if (!info || !add_dir(info, "L3", INFO_L3) ||
	    !add_dir(info, "L3_MON", INFO_MON) || !add_dir(info, "MB", INFO_MB))
		return -ENOMEM;
	return fill_group(sb->s_root, g);
}

static int get_tree(struct fs_context *fc)
{
	int r = -EBUSY;

	mutex_lock(&lock);
	if (!mounted)
		r = get_tree_nodev(fc, fill_super);
	mutex_unlock(&lock);
	return r;
}

static const struct fs_context_operations context_ops = {
	.get_tree = get_tree,
};

static int init_context(struct fs_context *fc)
{
	fc->ops = &context_ops;
	return 0;
}

/* Nobody is in the file system any more. */
static void kill_sb(struct super_block *sb)
{
	struct group *g, *next;

	kill_litter_super(sb);
	move_tasks(NULL, NULL);
	list_for_each_entry_safe(g, next, &groups, list) {
		list_del(&g->list);
		kfree(g);
	}
	bitmap_zero(closids, CLOSIDS);
	bitmap_zero(rmids, RMIDS);
	mounted = false;
}

static struct file_system_type fs_type = {
	.owner = THIS_MODULE,
	.name = "resctrl",
	.init_fs_context = init_context,
	.kill_sb = kill_sb,
};

static int __init start(void)
{
	int r = sysfs_create_mount_point(fs_kobj, "resctrl");

	if (r)
		return r;
	r = register_filesystem(&fs_type);
	if (r)
		sysfs_remove_mount_point(fs_kobj, "resctrl");
	return r;
}

static void __exit stop(void)
{
	unregister_filesystem(&fs_type);
	sysfs_remove_mount_point(fs_kobj, "resctrl");
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A stand-in for resctrl");
MODULE_ALIAS_FS("resctrl");
