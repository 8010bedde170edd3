/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Annotations org.systemd.property.NAME: properties of the unit that the
 * configuration asks for, with a value in GVariant's text format. Only what
 * concerns the unit itself may be set: neither programs to run nor other units
 * to start or stop, nor where the unit is or who is in it. Pure.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cgroups/unit.h"

#define PREFIX "org.systemd.property."

struct known {
	const char *name, *sig;
};
static const struct known known[] = {
	{ "After", "as" },
	{ "AllowedCPUs", "ay" },
	{ "AllowedMemoryNodes", "ay" },
	{ "Before", "as" },
	{ "BlockIOAccounting", "b" },
	{ "BlockIOWeight", "t" },
	{ "CPUAccounting", "b" },
	{ "CPUQuotaPerSecUSec", "t" },
	{ "CPUQuotaPeriodUSec", "t" },
	{ "CPUShares", "t" },
	{ "CPUWeight", "t" },
	{ "CollectMode", "s" },
	{ "CoredumpReceive", "b" },
	{ "DefaultDependencies", "b" },
	{ "DefaultMemoryLow", "t" },
	{ "DefaultMemoryMin", "t" },
	{ "Description", "s" },
	{ "Documentation", "as" },
	{ "FinalKillSignal", "i" },
	{ "IOAccounting", "b" },
	{ "IODeviceLatencyTargetUSec", "a(st)" },
	{ "IODeviceWeight", "a(st)" },
	{ "IOReadBandwidthMax", "a(st)" },
	{ "IOReadIOPSMax", "a(st)" },
	{ "IOWeight", "t" },
	{ "IOWriteBandwidthMax", "a(st)" },
	{ "IOWriteIOPSMax", "a(st)" },
	{ "IPAccounting", "b" },
	{ "IgnoreOnIsolate", "b" },
	{ "JobRunningTimeoutUSec", "t" },
	{ "JobTimeoutUSec", "t" },
	{ "KillMode", "s" },
	{ "KillSignal", "i" },
	{ "ManagedOOMMemoryPressure", "s" },
	{ "ManagedOOMMemoryPressureLimit", "u" },
	{ "ManagedOOMPreference", "s" },
	{ "ManagedOOMSwap", "s" },
	{ "MemoryAccounting", "b" },
	{ "MemoryHigh", "t" },
	{ "MemoryLimit", "t" },
	{ "MemoryLow", "t" },
	{ "MemoryMax", "t" },
	{ "MemoryMin", "t" },
	{ "MemoryPressureThresholdUSec", "t" },
	{ "MemoryPressureWatch", "s" },
	{ "MemorySwapMax", "t" },
	{ "MemoryZSwapMax", "t" },
	{ "MemoryZSwapWriteback", "b" },
	{ "OOMPolicy", "s" },
	{ "PartOf", "as" },
	{ "RestartKillSignal", "i" },
	{ "RuntimeMaxUSec", "t" },
	{ "RuntimeRandomizedExtraUSec", "t" },
	{ "SendSIGHUP", "b" },
	{ "SendSIGKILL", "b" },
	{ "StartupCPUWeight", "t" },
	{ "StartupIOWeight", "t" },
	{ "StopWhenUnneeded", "b" },
	{ "SurviveFinalKillSignal", "b" },
	{ "TasksAccounting", "b" },
	{ "TasksMax", "t" },
	{ "TimeoutStopUSec", "t" },
	{ "WatchdogSignal", "i" },
};

static const struct known *find_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (streq(known[i].name, name))
			return &known[i];
	return NULL;
}

/* --- values ------------------------------------------------------------- */

struct text {
	const char *p;
	struct sd_props *l;
	const char *fault;
};

static const struct {
	const char *word;
	char type;
	int64_t min;
	uint64_t max;
} types[] = {
	{ "boolean", 'b', 0, 1 },
	{ "byte", 'y', 0, UINT8_MAX },
	{ "int16", 'n', INT16_MIN, INT16_MAX },
	{ "uint16", 'q', 0, UINT16_MAX },
	{ "int32", 'i', INT32_MIN, INT32_MAX },
	{ "handle", 'h', INT32_MIN, INT32_MAX },
	{ "uint32", 'u', 0, UINT32_MAX },
	{ "int64", 'x', INT64_MIN, INT64_MAX },
	{ "uint64", 't', 0, UINT64_MAX },
	{ "double", 'd', 0, 0 },
	{ "string", 's', 0, 0 },
	{ "objectpath", 'o', 0, 0 },
	{ "signature", 'g', 0, 0 },
};

static bool fail(struct text *t, const char *fault)
{
	if (!t->fault)
		t->fault = fault;
	return false;
}

static void blanks(struct text *t)
{
	t->p += strspn(t->p, " \t\r\n");
}

static bool eat(struct text *t, char c)
{
	blanks(t);
	if (*t->p != c)
		return false;
	t->p++;
	return true;
}

/* The type that is written in front, 0 when there is none. */
static char keyword(struct text *t)
{
	size_t n;

	blanks(t);
	n = strcspn(t->p, " \t\r\n[('\"");
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strlen(types[i].word) == n &&
		    strncmp(types[i].word, t->p, n) == 0) {
			t->p += n;
			blanks(t);
			return types[i].type;
		}
	return 0;
}

/* A word up to a blank or what ends an element. */
static bool word(struct text *t, char *buf, size_t size)
{
	size_t n = strcspn(t->p, " \t\r\n,])");

	if (n == 0 || n >= size)
		return fail(t, "a value is missing or too long");
	snprintf(buf, size, "%.*s", (int)n, t->p);
	t->p += n;
	return true;
}

static bool integer(struct text *t, const char *text, char type)
{
	const char *digits = text + (*text == '-' || *text == '+');
	uint64_t v;
	char *end;

	errno = 0;
	v = strtoull(digits, &end, 0);
	if (*digits < '0' || *digits > '9' || *end || errno)
		return fail(t, "not a number");
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (types[i].type != type)
			continue;
		if (*text == '-' ? v > -(uint64_t)types[i].min
				 : v > types[i].max)
			return fail(t, "the number is out of range");
	}
	sd_part(t->l, "%s%" PRIu64, *text == '-' && v > 0 ? "-" : "", v);
	return true;
}

static bool boolean(struct text *t, const char *text)
{
	if (!streq(text, "true") && !streq(text, "false"))
		return fail(t, "neither true nor false");
	sd_part(t->l, "%d", *text == 't');
	return true;
}

static bool string(struct text *t)
{
	_cleanup_buf_ struct buf b = { 0 };
	char quote = *t->p;

	if (quote != '\'' && quote != '"')
		return fail(t, "a string needs quotes");
	for (t->p++; *t->p && *t->p != quote; t->p++) {
		static const char letters[] = "abfnrtv",
				  means[] = "\a\b\f\n\r\t\v";
		const char *l;

		if (*t->p != '\\') {
			buf_putc(&b, *t->p);
			continue;
		}
		if (!*++t->p)
			break;
		l = strchr(letters, *t->p);
		buf_putc(&b, l ? means[l - letters] : *t->p);
	}
	if (*t->p != quote)
		return fail(t, "a string has no end");
	t->p++;
	if (buf_error(&b) < 0)
		return fail(t, "out of memory");
	sd_part(t->l, "%s", buf_str(&b));
	return true;
}

static bool value(struct text *t, const char *sig);

static size_t count_elements(const char *sig, struct text look)
{
	_cleanup_arena_ struct arena a = { 0 };
	struct sd_props scratch = { .arena = &a };
	size_t n = 0;

	sd_prop(&scratch, 0, "", "");
	look.l = &scratch;
	while (!look.fault && !eat(&look, ']')) {
		if (n > 0 && !eat(&look, ','))
			break;
		if (!value(&look, sig))
			break;
		n++;
	}
	return n;
}

static bool array(struct text *t, const char *sig)
{
	size_t n;

	if (!eat(t, '['))
		return fail(t, "a list needs [ ]");
	n = count_elements(sig, *t);
	sd_part(t->l, "%zu", n);
	for (size_t i = 0; i < n; i++)
		if ((i > 0 && !eat(t, ',')) || !value(t, sig))
			return fail(t, "a list is not well-formed");
	if (eat(t, ']'))
		return true;
	/* What could not be counted tells why. */
	if (n == 0 || eat(t, ','))
		(void)value(t, sig);
	return fail(t, "a list is not well-formed");
}

static bool tuple(struct text *t, const char *sig)
{
	if (!eat(t, '('))
		return fail(t, "a group of values needs ( )");
	for (size_t i = 1; sig[i] != ')'; i += sd_type_len(sig + i))
		if ((i > 1 && !eat(t, ',')) || !value(t, sig + i))
			return fail(t, "a group of values is not well-formed");
	return eat(t, ')') || fail(t, "a group of values is not well-formed");
}

static bool same_type(struct text *t, const char *sig)
{
	size_t n = sd_type_len(sig);
	char type;

	if (eat(t, '@')) {
		if (strncmp(t->p, sig, n) != 0)
			return fail(t, "the type is not that of the property");
		t->p += n;
		blanks(t);
		return true;
	}
	type = keyword(t);
	if (type && type != *sig)
		return fail(t, "the type is not that of the property");
	return true;
}

static bool value(struct text *t, const char *sig)
{
	char buf[64];

	if (!same_type(t, sig))
		return false;
	if (*sig == 'a')
		return array(t, sig + 1);
	if (*sig == '(')
		return tuple(t, sig);
	if (*sig == 's')
		return string(t);
	if (!word(t, buf, sizeof(buf)))
		return false;
	return *sig == 'b' ? boolean(t, buf) : integer(t, buf, *sig);
}

/* Seconds of any type of number as microseconds. */
static bool seconds(struct text *t)
{
	char buf[64], *end;
	char type = keyword(t);
	double v;

	if (type && strchr("bsogh", type))
		return fail(t, "not a number");
	if (!word(t, buf, sizeof(buf)))
		return false;
	v = strtod(buf, &end);
	if (*end || !(v >= 0) || v >= 1.8e13)
		return fail(t, "not a number");
	sd_part(t->l, "%" PRIu64, (uint64_t)(v * 1000000));
	return true;
}

/* --- annotations -------------------------------------------------------- */

static const char *name_fault(const char *name)
{
	if (strlen(name) < 3)
		return "too short";
	for (; *name; name++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
			    *name))
			return "contains unexpected character";
	return NULL;
}

/* "TimeoutStopSec" -> "TimeoutStopUSec". */
static bool in_seconds(const char *name, char *ret, size_t size)
{
	size_t n = strlen(name);

	snprintf(ret, size, "%s", name);
	if (n < 4 || n + 2 > size || !str_ends(name, "Sec") ||
	    name[n - 4] < 'a' || name[n - 4] > 'z')
		return false;
	snprintf(ret + n - 3, size - n + 3, "USec");
	return true;
}

static int add_one(const struct kv *kv, struct sd_props *l)
{
	const char *name = kv->key + strlen(PREFIX), *fault = name_fault(name);
	struct text t = { .p = kv->value, .l = l };
	const struct known *k;
	char real[80];
	bool sec, ok;

	if (fault)
		return err_text(-EINVAL, "annotation %s name incorrect: %s",
				kv->key, fault);
	sec = in_seconds(name, real, sizeof(real));
	k = find_known(real);
	if (!k)
		return err_text(-EINVAL,
				"annotation %s: %s is not a property that a "
				"container's configuration may set",
				kv->key, real);
	sd_prop(l, 0, k->name, k->sig);
	ok = sec ? seconds(&t) : value(&t, k->sig);
	blanks(&t);
	if (ok && *t.p)
		ok = fail(&t, "there is more than one value");
	if (!ok)
		return err_text(-EINVAL,
				"annotation %s=%s value parse error: %s "
				"(its type is %s)",
				kv->key, kv->value,
				t.fault ? t.fault : "not well-formed",
				sec ? "a number" : k->sig);
	return l->err < 0 ? err_set(l->err, "annotation %s", kv->key) : 0;
}

int unit_annotations(const struct kv_list *annotations, struct sd_props *l)
{
	int r = 0;

	for (size_t i = 0; i < annotations->n && r == 0; i++)
		if (str_starts(annotations->v[i].key, PREFIX))
			r = add_one(&annotations->v[i], l);
	return r;
}
