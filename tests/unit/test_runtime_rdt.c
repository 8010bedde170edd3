/* SPDX-License-Identifier: Apache-2.0 */
/* linux.intelRdt on a directory that looks like a resctrl file system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "runtime/rdt.h"
#include "runtime/rdt_group.h"
#include "runtime/rdt_schemata.h"
#include "runtime/rdt_stats.h"

#define ID "box1"

static struct arena arena;
static char dir[64];
static int root = -EBADF;

static int set_up(void **state)
{
	strcpy(dir, "/tmp/test-rdt-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err_clear();
	return root < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	arena_free(&arena);
	close_fdp(&root);
	return path_remove_at(AT_FDCWD, dir);
}

static void put(const char *path, const char *text)
{
	int fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			0644);

	assert_true(fd >= 0);
	assert_int_equal(io_write_all(fd, text, strlen(text)), 0);
	close_fd(fd);
}

/* The kernel makes these files with the directory. */
static void fill(const char *group, const char *schemata)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/mon_groups", group);
	assert_int_equal(mkdirat(root, path, 0755), 0);
	snprintf(path, sizeof(path), "%s/tasks", group);
	put(path, "");
	snprintf(path, sizeof(path), "%s/schemata", group);
	put(path, schemata);
}

static void has(const char *path, const char *text)
{
	char got[1024];

	assert_true(io_read_at(root, path, got, sizeof(got)) >= 0);
	assert_string_equal(got, text);
}

static struct rdt_group decide(const struct oci_intel_rdt *c)
{
	struct rdt_group g;

	if (rdt_group_decide(&arena, c, ID, root, &g) < 0)
		fail_msg("%s", err_get());
	return g;
}

static void says(const char *text)
{
	if (!strstr(err_get(), text))
		fail_msg("\"%s\" is not in: %s", text, err_get());
}

static void without_closid_the_id_names_the_group(void **state)
{
	const struct oci_intel_rdt c = { .l3_cache_schema = (char *)"L3:0=f",
					 .mem_bw_schema = (char *)"MB:0=20" };
	struct rdt_group g = decide(&c);

	assert_string_equal(g.name, ID);
	assert_true(g.make);
	assert_false(g.named);
	assert_null(g.mon);
	assert_int_equal(rdt_group_make(root, &g), 0);
	fill(ID, "L3:0=ff\n");
	assert_int_equal(rdt_group_write(root, &g), 0);
	has(ID "/schemata", "L3:0=f\nMB:0=20\n");
	assert_int_equal(rdt_group_join(root, g.name, 4711), 0);
	has(ID "/tasks", "4711\n");
}

static void schemata_come_last(void **state)
{
	static char *lines[] = { (char *)"L2:0=1", (char *)"MB:0=70" };
	const struct oci_intel_rdt c = { .clos_id = (char *)"gold",
					 .schemata = { lines, 2 } };
	struct rdt_group g = decide(&c);

	assert_string_equal(g.name, "gold");
	assert_true(g.named && g.make);
	assert_null(g.schemata);
	assert_int_equal(rdt_group_make(root, &g), 0);
	fill("gold", "");
	assert_int_equal(rdt_group_write(root, &g), 0);
	has("gold/schemata", "L2:0=1\nMB:0=70\n");
}

static void a_line_of_mb_is_not_for_l3(void **state)
{
	const struct oci_intel_rdt c = { .l3_cache_schema = (char *)"MB:0=10",
					 .mem_bw_schema = (char *)"MB:0=20" };

	assert_string_equal(decide(&c).schemata, "MB:0=20\n");
}

static void l3_may_have_several_lines(void **state)
{
	const struct oci_intel_rdt c = {
		.l3_cache_schema =
			(char *)"L3CODE:0=f\n\nMB:0=10\nL3DATA:0=ff\n",
		.mem_bw_schema = (char *)"MB:0=20"
	};

	assert_string_equal(decide(&c).schemata,
			    "L3CODE:0=f\nL3DATA:0=ff\nMB:0=20\n");
}

static void nothing_asked_nothing_written(void **state)
{
	const struct oci_intel_rdt c = { 0 };
	struct rdt_group g = decide(&c);

	assert_int_equal(rdt_group_make(root, &g), 0);
	fill(ID, "L3:0=ff\n");
	assert_int_equal(rdt_group_write(root, &g), 0);
	has(ID "/schemata", "L3:0=ff\n");
}

static void a_named_group_must_be_there(void **state)
{
	const struct oci_intel_rdt c = { .clos_id = (char *)"gold" };
	struct rdt_group g;

	assert_int_equal(rdt_group_decide(&arena, &c, ID, root, &g), -ENOENT);
	says("linux.intelRdt.closID: group gold does not exist");
	assert_int_equal(mkdirat(root, "gold", 0755), 0);
	assert_int_equal(rdt_group_decide(&arena, &c, ID, root, &g), -EINVAL);
	says("gold is no group of resctrl");
	fill("gold", "L3:0=ff\n");
	g = decide(&c);
	assert_false(g.make);
	assert_true(g.named);
}

static void a_slash_is_the_group_of_the_root(void **state)
{
	struct oci_intel_rdt c = { .clos_id = (char *)"/",
				   .l3_cache_schema = (char *)"L3:0=ff",
				   .enable_monitoring = true };
	struct rdt_group g;

	fill(".", "L3:0=ff\n");
	g = decide(&c);
	assert_true(g.named);
	assert_false(g.make);
	assert_int_equal(rdt_group_write(root, &g), 0);
	assert_int_equal(rdt_group_make_mon(root, &g), 0);
	put("mon_groups/" ID "/tasks", "");
	assert_int_equal(rdt_group_join(root, g.name, 12), 0);
	assert_int_equal(rdt_group_join(root, g.mon, 12), 0);
	has("tasks", "12\n");
	has("mon_groups/" ID "/tasks", "12\n");
	c.l3_cache_schema = (char *)"L3:0=f";
	g = decide(&c);
	assert_int_equal(rdt_group_write(root, &g), -EINVAL);
	has("schemata", "L3:0=ff\n");
}

static void a_group_that_is_there_is_compared(void **state)
{
	struct oci_intel_rdt c = { .clos_id = (char *)"gold",
				   .l3_cache_schema = (char *)"L3:0=7F;1=1f" };
	struct rdt_group g;

	assert_int_equal(mkdirat(root, "gold", 0755), 0);
	fill("gold", "    MB:0=100;1=100\n    L3:0=07f;1=01f\n");
	g = decide(&c);
	assert_int_equal(rdt_group_write(root, &g), 0);
	has("gold/schemata", "    MB:0=100;1=100\n    L3:0=07f;1=01f\n");
	c.mem_bw_schema = (char *)"MB:1=50";
	g = decide(&c);
	assert_int_equal(rdt_group_write(root, &g), -EINVAL);
	says("group gold exists and has another schema");
}

static void schemata_match_by_meaning(void **state)
{
	static const struct {
		const char *want, *file;
		bool match;
	} t[] = {
		{ "", "", true },
		{ "L3:0=f", "L3:0=f\n", true },
		{ "L3:0=f;", "L3:0=f\n", true },
		{ "L3: 1 = F ;0=0", "  L3:0=00;1=0f\nMB:0=1\n", true },
		{ "L3:0=f", "L3:0=ff\n", false },
		{ "L3:0=f", "L3:0=0\n", false },
		{ "L3:2=f", "L3:0=f;1=f\n", false },
		{ "L3:0=f", "L3CODE:0=f\n", false },
		{ "L3:0=f\nMB:0=10\n", "MB:0=10\nL3:0=f\n", true },
		{ "L3:0=f\nMB:0=10\n", "L3:0=f\n", false },
		{ "MB:0=10", "MB:0=100\n", false },
		{ "nonsense:x", "L3:0=f\n", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		if (rdt_schemata_match(t[i].want, t[i].file) != t[i].match)
			fail_msg("%s, %s", t[i].want, t[i].file);
}

static void monitoring_has_a_group_in_the_group(void **state)
{
	const struct oci_intel_rdt c = { .clos_id = (char *)"gold",
					 .enable_monitoring = true };
	struct rdt_group g;
	struct stat st;

	assert_int_equal(mkdirat(root, "gold", 0755), 0);
	fill("gold", "");
	g = decide(&c);
	assert_string_equal(g.mon, "gold/mon_groups/" ID);
	assert_int_equal(rdt_group_make_mon(root, &g), 0);
	put("gold/mon_groups/" ID "/tasks", "");
	assert_int_equal(rdt_group_make_mon(root, &g), 0);
	assert_int_equal(rdt_group_join(root, g.mon, 12), 0);
	has("gold/mon_groups/" ID "/tasks", "12\n");
	assert_int_equal(unlinkat(root, "gold/mon_groups/" ID "/tasks", 0), 0);
	assert_int_equal(rdt_group_remove(root, g.mon, false), 0);
	assert_int_not_equal(fstatat(root, g.mon, &st, 0), 0);
}

static void removed_unless_others_use_it(void **state)
{
	char own[16];
	struct stat st;

	snprintf(own, sizeof(own), "%d\n", (int)getpid());
	assert_int_equal(rdt_group_remove(root, "nope", true), 0);
	assert_int_equal(mkdirat(root, "gold", 0755), 0);
	put("gold/tasks", own);
	assert_int_equal(rdt_group_remove(root, "gold", true), 0);
	assert_int_equal(fstatat(root, "gold", &st, 0), 0);
	/* here a directory with files cannot go: it was tried */
	assert_int_equal(rdt_group_remove(root, "gold", false), -ENOTEMPTY);
	put("gold/tasks", "");
	assert_int_equal(rdt_group_remove(root, "gold", true), -ENOTEMPTY);
	says("remove group gold");
}

static void the_kernel_says_why(void **state)
{
	struct rdt_group g = { .name = "gold",
			       .schemata = (char *)"L3:0=5\n",
			       .make = true };

	assert_int_equal(mkdirat(root, "info", 0755), 0);
	put("info/last_cmd_status", "Mask 5 has non-consecutive 1-bits\n");
	assert_int_equal(rdt_group_write(root, &g), -ENOENT);
	says("write the schemata of group gold (Mask 5 has non-consecutive "
	     "1-bits): no such file");
}

/* --- update ------------------------------------------------------------- */

static void an_update_is_the_lines_given(void **state)
{
	static const struct {
		const char *l3, *mb, *text;
	} t[] = {
		{ "L3:0=f", "MB:0=20", "L3:0=f\nMB:0=20\n" },
		{ "L3:0=f", NULL, "L3:0=f\n" },
		{ "", "MB:0=20", "MB:0=20\n" },
		{ "MB:0=10", "MB:0=20", "MB:0=20\n" },
		{ "MB:0=10", NULL, NULL },
		{ NULL, "", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		const struct oci_intel_rdt c = {
			.l3_cache_schema = (char *)t[i].l3,
			.mem_bw_schema = (char *)t[i].mb,
		};
		char *text = NULL;

		assert_int_equal(rdt_schemata_text(&arena, &c, &text), 0);
		if (!t[i].text)
			assert_null(text);
		else
			assert_string_equal(text, t[i].text);
	}
}

static void what_undoes_it_has_only_its_resources(void **state)
{
	static const struct {
		const char *want, *file, *undo;
	} t[] = {
		{ "L3:0=f\n", "    MB:0=100\n    L3:0=ff;1=ff\n",
		  "L3:0=ff;1=ff\n" },
		{ "L3:1=f\nMB:0=20\n", "MB:0=100\nL2:0=1\nL3:0=ff\n",
		  "MB:0=100\nL3:0=ff\n" },
		{ "L3CODE:0=1\n", "L3DATA:0=ff\nL3CODE:0=f0\n",
		  "L3CODE:0=f0\n" },
		{ "MB:0=20\n", "L3:0=ff\n", NULL },
		{ "MB:0=20\n", "", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		char *undo = NULL;

		assert_int_equal(rdt_schemata_undo(&arena, t[i].want, t[i].file,
						   &undo),
				 0);
		if (!t[i].undo)
			assert_null(undo);
		else
			assert_string_equal(undo, t[i].undo);
	}
}

static void a_group_in_use_is_written_and_undone(void **state)
{
	char *old;

	assert_int_equal(mkdirat(root, "gold", 0755), 0);
	fill("gold", "L3:0=ff\n");
	assert_int_equal(rdt_group_set(&arena, root, "gold", "L3:0=0f\n", &old),
			 0);
	has("gold/schemata", "L3:0=0f\n");
	assert_string_equal(old, "L3:0=ff\n");
	assert_int_equal(rdt_group_put(root, "gold", old), 0);
	has("gold/schemata", "L3:0=ff\n");
	assert_int_equal(rdt_group_set(&arena, root, "tin", "L3:0=f\n", &old),
			 -ENOENT);
	says("read the schemata of group tin");
	assert_null(old);
}

static void what_the_machine_cannot_do_is_refused(void **state)
{
	const struct oci_intel_rdt l3 = { .l3_cache_schema = (char *)"L3:0=f" },
				   mb = { .mem_bw_schema = (char *)"MB:0=20" };

	assert_int_equal(rdt_group_can(-EBADF, &l3), -ENOTSUP);
	assert_string_equal(err_get(), "Intel RDT/CAT: l3 cache schema is not "
				       "enabled");
	assert_int_equal(rdt_group_can(-EBADF, &mb), -ENOTSUP);
	assert_string_equal(err_get(), "Intel RDT/MBA: memory bandwidth schema "
				       "is not enabled");
	assert_int_equal(err_get_class(), ERR_UNSUPPORTED);
	assert_int_equal(mkdirat(root, "info", 0755), 0);
	assert_int_equal(mkdirat(root, "info/L3CODE", 0755), 0);
	assert_int_equal(rdt_group_can(root, &l3), 0);
	assert_int_equal(rdt_group_can(root, &mb), -ENOTSUP);
	assert_int_equal(mkdirat(root, "info/MB", 0755), 0);
	assert_int_equal(rdt_group_can(root, &mb), 0);
}

static void threads_join_with_their_process(void **state)
{
	char own[16];

	assert_int_equal(mkdirat(root, "gold", 0755), 0);
	fill("gold", "");
	snprintf(own, sizeof(own), "%d\n", (int)getpid());
	assert_int_equal(rdt_group_join_threads(root, "gold", getpid()), 0);
	has("gold/tasks", own);
	assert_int_equal(rdt_group_join_threads(root, "gold", 0x3fffffff), 0);
	has("gold/tasks", own);
}

/* A container whose state is in the folder "state" of the file system's. */
struct box {
	struct resctrl fs;
	struct store_dir dir;
	struct store_state state;
};

static struct box make_box(const char *group)
{
	struct box b = { .fs = { .fd = root }, .state = { .id = (char *)ID } };

	strcpy(b.fs.path, dir);
	assert_int_equal(mkdirat(root, "info", 0755), 0);
	assert_int_equal(mkdirat(root, "info/L3", 0755), 0);
	assert_int_equal(mkdirat(root, "state", 0755), 0);
	b.dir = (struct store_dir){
		.fd = openat(root, "state", O_RDONLY | O_CLOEXEC),
		.rootfd = -EBADF,
		.id = ID,
	};
	if (group)
		b.state.rdt_path = arena_printf(&arena, "%s/%s", dir, group);
	return b;
}

static bool state_says(const char *text)
{
	char got[4096];

	assert_true(io_read_at(root, "state/state.json", got, sizeof(got)) > 0);
	return strstr(got, text) != NULL;
}

static const struct oci_intel_rdt low = { .l3_cache_schema =
						  (char *)"L3:0=0f" };

static void update_changes_the_group_of_the_record(void **state)
{
	struct box b = make_box("gold");
	struct rdt_change ch;

	assert_int_equal(mkdirat(root, "gold", 0755), 0);
	fill("gold", "L3:0=ff\n");
	assert_int_equal(
		rdt_update_on(&b.fs, &arena, &low, &b.dir, &b.state, &ch), 0);
	has("gold/schemata", "L3:0=0f\n");
	assert_false(ch.fresh);
	rdt_undo_on(&b.fs, &ch, &b.dir, &b.state);
	has("gold/schemata", "L3:0=ff\n");
	assert_string_equal(b.state.rdt_path + strlen(dir), "/gold");
	close_fd(b.dir.fd);
}

static void update_finds_a_group_by_the_id(void **state)
{
	struct box b = make_box(NULL);
	struct rdt_change ch;

	assert_int_equal(mkdirat(root, ID, 0755), 0);
	fill(ID, "L3:0=ff\n");
	assert_int_equal(
		rdt_update_on(&b.fs, &arena, &low, &b.dir, &b.state, &ch), 0);
	has(ID "/schemata", "L3:0=0f\n");
	assert_true(ch.fresh);
	/* it was there: delete leaves it */
	assert_false(ch.made || b.state.rdt_made);
	assert_true(state_says("/" ID "\""));
	rdt_undo_on(&b.fs, &ch, &b.dir, &b.state);
	has(ID "/schemata", "L3:0=ff\n");
	assert_null(b.state.rdt_path);
	assert_false(state_says("/" ID "\""));
	close_fd(b.dir.fd);
}

/* A folder gets no schemata by being made, so here it cannot be written. */
static void a_failed_update_leaves_nothing(void **state)
{
	struct box b = make_box(NULL);
	struct rdt_change ch;
	struct stat st;

	assert_int_equal(rdt_update_on(&b.fs, &arena, &low, &b.dir, &b.state,
				       &ch),
			 -ENOENT);
	says("read the schemata of group " ID);
	assert_true(ch.made);
	assert_int_not_equal(fstatat(root, ID, &st, 0), 0);
	assert_null(b.state.rdt_path);
	assert_false(state_says("/" ID "\""));
	close_fd(b.dir.fd);
}

static void update_needs_the_file_system_of_the_record(void **state)
{
	struct box b = make_box(NULL);
	struct rdt_change ch;

	b.state.rdt_path = (char *)"/elsewhere/gold";
	assert_int_equal(rdt_update_on(&b.fs, &arena, &low, &b.dir, &b.state,
				       &ch),
			 -ENOENT);
	says("the group /elsewhere/gold is not on the resctrl file system");
	b.fs.fd = -EBADF;
	assert_int_equal(rdt_update_on(&b.fs, &arena, &low, &b.dir, &b.state,
				       &ch),
			 -ENOTSUP);
	close_fd(b.dir.fd);
}

/* --- stats -------------------------------------------------------------- */

static void stats_are(const char *mon, const char *json)
{
	_cleanup_buf_ struct buf b = { 0 };

	if (rdt_stats_json(&arena, root, "gold", mon, &b) < 0)
		fail_msg("%s", err_get());
	assert_string_equal(buf_str(&b), json);
}

static void make_dirs(const char *const *paths)
{
	for (; *paths; paths++)
		assert_int_equal(mkdirat(root, *paths, 0755), 0);
}

static void stats_of_a_machine_that_can_do_all(void **state)
{
	static const char *const dirs[] = {
		"info",
		"info/L3",
		"info/MB",
		"info/L3_MON",
		"gold",
		"gold/mon_data",
		"gold/mon_data/mon_L3_00",
		"gold/mon_data/mon_L3_01",
		"gold/mon_data/other",
		NULL,
	};

	make_dirs(dirs);
	put("schemata", "    MB:0=100;1=100\n    L3:0=fff;1=fff\n");
	fill("gold", "    MB:0= 20;1= 70\n    L3:0=7f0;1=01f\n    L2:0=ff\n");
	put("info/L3/cbm_mask", "fff\n");
	put("info/L3/min_cbm_bits", "2\n");
	put("info/L3/num_closids", "16\n");
	put("info/MB/bandwidth_gran", "10\n");
	put("info/MB/delay_linear", "1\n");
	put("info/MB/min_bandwidth", "10\n");
	put("info/MB/num_closids", "8\n");
	put("info/L3_MON/mon_features",
	    "llc_occupancy\nmbm_total_bytes\nmbm_local_bytes\n");
	put("gold/mon_data/mon_L3_00/llc_occupancy", "123456\n");
	put("gold/mon_data/mon_L3_00/mbm_total_bytes", "1000\n");
	put("gold/mon_data/mon_L3_00/mbm_local_bytes", "900\n");
	put("gold/mon_data/mon_L3_01/llc_occupancy", "0\n");
	put("gold/mon_data/mon_L3_01/mbm_total_bytes", "Unavailable\n");
	put("gold/mon_data/mon_L3_01/mbm_local_bytes", "7\n");
	stats_are(NULL,
		  "{\"l3_cache_info\":{\"cbm_mask\":\"fff\",\"min_cbm_bits\":2,"
		  "\"num_closids\":16},"
		  "\"l3_cache_schema_root\":\"L3:0=fff;1=fff\","
		  "\"l3_cache_schema\":\"L3:0=7f0;1=01f\","
		  "\"mem_bw_info\":{\"bandwidth_gran\":10,\"delay_linear\":1,"
		  "\"min_bandwidth\":10,\"num_closids\":8},"
		  "\"mem_bw_schema_root\":\"MB:0=100;1=100\","
		  "\"mem_bw_schema\":\"MB:0= 20;1= 70\","
		  "\"schemata\":[\"MB:0= 20;1= 70\",\"L3:0=7f0;1=01f\","
		  "\"L2:0=ff\"],"
		  "\"mbm_stats\":[{\"mbm_total_bytes\":1000,"
		  "\"mbm_local_bytes\":900},{\"mbm_total_bytes\":0,"
		  "\"mbm_local_bytes\":7}],"
		  "\"cmt_stats\":[{\"llc_occupancy\":123456},"
		  "{\"llc_occupancy\":0}]}");
}

static void stats_leave_out_what_there_is_not(void **state)
{
	static const char *const dirs[] = { "info", "info/MB", "gold", NULL };

	make_dirs(dirs);
	put("schemata", "MB:0=100\nL3:0=fff\n");
	fill("gold", "MB:0=20\n");
	put("info/MB/min_bandwidth", "10\n");
	stats_are(NULL, "{\"mem_bw_info\":{\"min_bandwidth\":10},"
			"\"mem_bw_schema_root\":\"MB:0=100\","
			"\"mem_bw_schema\":\"MB:0=20\","
			"\"schemata\":[\"MB:0=20\"]}");
}

static void stats_count_the_monitoring_group(void **state)
{
	static const char *const dirs[] = {
		"info",
		"info/L3_MON",
		"gold",
		"gold/mon_data",
		"gold/mon_data/mon_L3_00",
		NULL,
	};
	static const char *const mon[] = {
		"gold/mon_groups/" ID,
		"gold/mon_groups/" ID "/mon_data",
		"gold/mon_groups/" ID "/mon_data/mon_L3_00",
		NULL,
	};

	make_dirs(dirs);
	put("schemata", "");
	fill("gold", "");
	make_dirs(mon);
	put("info/L3_MON/mon_features", "llc_occupancy\n");
	put("gold/mon_data/mon_L3_00/llc_occupancy", "1\n");
	put("gold/mon_groups/" ID "/mon_data/mon_L3_00/llc_occupancy", "2\n");
	stats_are("gold/mon_groups/" ID,
		  "{\"cmt_stats\":[{\"llc_occupancy\":2}]}");
	stats_are(NULL, "{\"cmt_stats\":[{\"llc_occupancy\":1}]}");
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(without_closid_the_id_names_the_group),
		T(schemata_come_last),
		T(a_line_of_mb_is_not_for_l3),
		T(l3_may_have_several_lines),
		T(nothing_asked_nothing_written),
		T(a_named_group_must_be_there),
		T(a_slash_is_the_group_of_the_root),
		T(a_group_that_is_there_is_compared),
		T(schemata_match_by_meaning),
		T(monitoring_has_a_group_in_the_group),
		T(removed_unless_others_use_it),
		T(the_kernel_says_why),
		T(an_update_is_the_lines_given),
		T(what_undoes_it_has_only_its_resources),
		T(a_group_in_use_is_written_and_undone),
		T(what_the_machine_cannot_do_is_refused),
		T(threads_join_with_their_process),
		T(update_changes_the_group_of_the_record),
		T(update_finds_a_group_by_the_id),
		T(a_failed_update_leaves_nothing),
		T(update_needs_the_file_system_of_the_record),
		T(stats_of_a_machine_that_can_do_all),
		T(stats_leave_out_what_there_is_not),
		T(stats_count_the_monitoring_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
