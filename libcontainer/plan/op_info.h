/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fields of each operation mean, as one table: text and JSON of a
 * plan are two walks over it. Pure data, and a function that turns a field
 * into a printable value; its buffers belong to the caller.
 */
#ifndef TARE_PLAN_OP_INFO_H
#define TARE_PLAN_OP_INFO_H

#include "base/buf.h"
#include "codec/table.h"
#include "plan/op.h"

enum op_field_kind {
	K_NUM,	     /* a number; 0 is printed */
	K_SET,	     /* a number; 0 means not set and is left out */
	K_OCTAL,     /* "0755" */
	K_STR,	     /* a string of the data area; "" is left out */
	K_PATH,	     /* the same; "" is printed */
	K_WORDS,     /* bits by .names, a list */
	K_NAME,	     /* one of .names */
	K_CAPS,	     /* a mask of capabilities, a list */
	K_ATTRS,     /* MOUNT_ATTR_*: x set, y cleared, a list */
	K_REC_ATTRS, /* the same of u64[2] in a blob, with r in front */
	K_PROP,	     /* MS_* of propagation */
	K_LIST,	     /* a list blob */
	K_GROUPS,    /* u32[] in a blob */
	K_CPUS,	     /* a bit mask in a blob: "0-3,7" */
	K_INSNS,     /* number of 8-byte instructions in a blob */
	K_SCHED,     /* struct kernel_sched_attr in a blob, a list */
	K_NODE,	     /* type and numbers of a device: "c 1:3" */
	K_LIMIT,     /* a number or "unlimited" */
	K_RLIMIT,    /* name of a resource limit */
	K_HOOK,	     /* name of a hook point */
	K_STATE,     /* s2 + PID + s3 */
	K_MEMPOLICY, /* the mode without its flags */
	K_IOPRIO,    /* class and level */
	K_SLOT,	     /* the word .names[0], if the slot is used */
};

enum op_field_of {
	OF_FLAGS,
	OF_SLOT,
	OF_SLOT2,
	OF_ARG,
	OF_X,
	OF_Y,
	OF_Z,
	OF_S1,
	OF_S2,
	OF_S3,
	OF_BLOB,
	OF_BLOB2,
};

struct op_field {
	const char *name; /* key in JSON */
	/* in front of it in the text; "," joins a list of options; NULL: only
	 * in JSON */
	const char *before;
	uint8_t kind, of;
	const struct enum_name *names;
};

struct op_info {
	const char *name;
	const struct op_field *fields;
	size_t n_fields;
};
extern const struct op_info op_info[OP_COUNT];

/* A checked block, taken apart. */
struct plan_view {
	const struct plan_header *head;
	const char *ops; /* struct plan_op, not aligned */
	const char *data;
};
/* -EBADMSG for a block that is not well-formed. */
int plan_view(const void *block, size_t len, struct plan_view *ret);
void plan_view_op(const struct plan_view *v, size_t i, struct plan_op *ret);

/* A field as a value. Text: one string; list: NUL-terminated ones in a row. */
struct op_value {
	enum { V_NONE, V_NUM, V_TEXT, V_LIST } type;
	uint64_t num;
	struct buf text;
};
void op_value_free(struct op_value *v);
#define _cleanup_op_value_ _cleanup_(op_value_free)
void op_value(const struct plan_view *v, const struct plan_op *op,
	      const struct op_field *f, struct op_value *ret);

#endif
