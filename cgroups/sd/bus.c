/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "cgroups/sd/bus.h"

#define USEC 1000000ULL
#define CONNECT_USEC (25 * USEC)
#define CALL_USEC (60 * USEC)
#define JOB_USEC (60 * USEC)
#define PAUSE_USEC 50000
/* How often an order is given again while a unit of that name is there. */
#define TRIES_ACTIVE 3
#define TRIES_ENDING 100

#define ERROR_EXISTS MANAGER ".UnitExists"
#define ERROR_NO_UNIT MANAGER ".NoSuchUnit"

static inline void free_error(sd_bus_error *e)
{
	sd_bus_error_free(e);
}
#define _cleanup_error_ _cleanup_(free_error)

static inline void unref_message(sd_bus_message **m)
{
	sd_bus_message_unref(*m);
}
#define _cleanup_message_ _cleanup_(unref_message)

static uint64_t now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * USEC + (uint64_t)ts.tv_nsec / 1000;
}

/* --- failures ----------------------------------------------------------- */

int session_fail(struct session *s, int r, const char *fmt, ...)
{
	_cleanup_buf_ struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	s->reply->err = r < 0 ? -r : EIO;
	s->reply->text = arena_strdup(s->arena, buf_str(&b));
	return -s->reply->err;
}

int session_fail_bus(struct session *s, int r, const sd_bus_error *e,
		     const char *what)
{
	const char *text = e && e->message ? e->message : strerror(-r);

	if (e && sd_bus_error_has_name(e, ERROR_EXISTS))
		r = -EEXIST;
	if (r == -ETIMEDOUT)
		text = "systemd did not answer in time";
	return session_fail(s, r, "%s: %s", what, text);
}

/* --- the connection ----------------------------------------------------- */

/* One step of the connection's work, or a wait for some up to the deadline. */
static int step(struct session *s, uint64_t deadline)
{
	uint64_t now;
	int r = sd_bus_process(s->bus, NULL);

	if (r != 0)
		return r;
	now = now_usec();
	if (now >= deadline)
		return -ETIMEDOUT;
	return sd_bus_wait(s->bus, deadline - now);
}

static int wait_ready(struct session *s)
{
	uint64_t deadline = now_usec() + CONNECT_USEC;
	int r;

	while ((r = sd_bus_is_ready(s->bus)) == 0) {
		r = step(s, deadline);
		if (r < 0)
			return r;
	}
	return r;
}

static int open_bus(struct session *s)
{
	int r = sd_bus_new(&s->bus);

	if (r >= 0)
		r = sd_bus_set_address(s->bus, s->q->address);
	if (r >= 0)
		r = sd_bus_set_bus_client(s->bus, 1);
	if (r >= 0)
		r = sd_bus_set_method_call_timeout(s->bus, CALL_USEC);
	if (r >= 0)
		r = sd_bus_start(s->bus);
	return r < 0 ? r : wait_ready(s);
}

int session_connect(struct session *s)
{
	int r = open_bus(s);

	if (r == -ETIMEDOUT)
		return session_fail(s, r, "the bus at %s does not answer",
				    s->q->address);
	if (r < 0)
		return session_fail(s, r, "connect to the bus at %s: %s",
				    s->q->address, strerror(-r));
	return 0;
}

/* A method of the manager that takes the unit's name and nothing else. */
static int call_unit(struct session *s, const char *method, sd_bus_error *e)
{
	return sd_bus_call_method(s->bus, MANAGER, MANAGER_PATH, MANAGER_IFACE,
				  method, e, NULL, "s", s->q->unit);
}

static int get_text(struct session *s, const char *property, char **ret)
{
	_cleanup_error_ sd_bus_error e = SD_BUS_ERROR_NULL;
	int r = sd_bus_get_property_string(s->bus, MANAGER, MANAGER_PATH,
					   MANAGER_IFACE, property, &e, ret);

	return r < 0 ? session_fail_bus(s, r, &e, "ask systemd what it is") : 0;
}

/* "257.7-1~deb13u1", "v245.4" */
static unsigned int version_number(const char *text)
{
	return (unsigned int)strtoul(text + strcspn(text, "0123456789"), NULL,
				     10);
}

int session_version(struct session *s)
{
	_cleanup_free_ char *text = NULL;
	int r;

	if (s->version > 0)
		return 0;
	r = get_text(s, "Version", &text);
	if (r < 0)
		return r;
	s->version = version_number(text);
	return 0;
}

int session_query(struct session *s)
{
	_cleanup_free_ char *version = NULL, *cgroup = NULL;
	int r = get_text(s, "Version", &version);

	if (r >= 0)
		r = get_text(s, "ControlGroup", &cgroup);
	if (r < 0)
		return r;
	s->reply->version = arena_strdup(s->arena, version);
	s->reply->cgroup = arena_strdup(s->arena, cgroup);
	return 0;
}

/* --- jobs --------------------------------------------------------------- */

static int on_message(sd_bus_message *m, void *arg, sd_bus_error *e)
{
	struct session *s = arg;
	const char *path, *result;

	(void)e;
	if (sd_bus_message_is_signal(m, MANAGER_IFACE, "JobRemoved") > 0 &&
	    sd_bus_message_read(m, "uoss", NULL, &path, NULL, &result) >= 0 &&
	    s->job && streq(s->job, path))
		s->result = arena_strdup(s->arena, result);
	return 0;
}

/*
 * Before the order is given: the answer may be quicker than a later match.
 * Jobs of other units, of which there may be many, are kept away by the bus;
 * libsystemd's own matches cannot look behind an argument that is no string.
 */
static int watch_jobs(struct session *s)
{
	_cleanup_message_ sd_bus_message *m = NULL;
	_cleanup_buf_ struct buf b = { 0 };
	int r;

	buf_printf(&b,
		   "type='signal',sender='" MANAGER "',path='" MANAGER_PATH
		   "',interface='" MANAGER_IFACE
		   "',member='JobRemoved',arg2='%s'",
		   s->q->unit);
	r = buf_error(&b);
	if (r >= 0)
		r = sd_bus_add_filter(s->bus, NULL, on_message, s);
	if (r >= 0)
		r = sd_bus_message_new_method_call(s->bus, &m,
						   "org.freedesktop.DBus",
						   "/org/freedesktop/DBus",
						   "org.freedesktop.DBus",
						   "AddMatch");
	if (r >= 0)
		r = sd_bus_message_append(m, "s", b.data);
	if (r >= 0)
		r = sd_bus_message_set_expect_reply(m, 0);
	if (r >= 0)
		r = sd_bus_send(s->bus, m, NULL);
	return r < 0 ? session_fail(s, r, "listen to systemd: %s", strerror(-r))
		     : 0;
}

static int take_job(struct session *s, sd_bus_message *reply)
{
	const char *path;
	int r = sd_bus_message_read(reply, "o", &path);

	if (r >= 0) {
		s->job = arena_strdup(s->arena, path);
		r = s->job ? 0 : -ENOMEM;
	}
	return r;
}

/* 0 once the result of the job is there. */
static int wait_job(struct session *s)
{
	uint64_t deadline = now_usec() + JOB_USEC;
	int r = 0;

	while (!s->result && r >= 0)
		r = step(s, deadline);
	return s->result ? 0 : r;
}

static void reset_failed(struct session *s)
{
	(void)call_unit(s, "ResetFailedUnit", NULL);
}

/* --- start -------------------------------------------------------------- */

static int give_start(struct session *s, sd_bus_error *e)
{
	_cleanup_message_ sd_bus_message *m = NULL, *reply = NULL;
	int r = sd_bus_message_new_method_call(s->bus, &m, MANAGER,
					       MANAGER_PATH, MANAGER_IFACE,
					       "StartTransientUnit");

	if (r >= 0)
		r = sd_bus_message_append(m, "ss", s->q->unit, "replace");
	if (r >= 0)
		r = props_append(m, s->q, s->version);
	if (r >= 0)
		r = sd_bus_message_append(m, "a(sa(sv))", 0);
	if (r >= 0)
		r = sd_bus_call(s->bus, m, 0, e, &reply);
	return r < 0 ? r : take_job(s, reply);
}

static bool is_active(struct session *s)
{
	_cleanup_free_ char *path = NULL, *state = NULL;

	if (sd_bus_path_encode(MANAGER_PATH "/unit", s->q->unit, &path) < 0 ||
	    sd_bus_get_property_string(s->bus, MANAGER, path, MANAGER ".Unit",
				       "ActiveState", NULL, &state) < 0)
		return false;
	return streq(state, "active") || streq(state, "activating");
}

/*
 * A unit that failed in an earlier life stays until it is reset, and one whose
 * last process has just ended is there for another moment.
 */
static bool try_again(struct session *s, unsigned int tries)
{
	if (tries == 0)
		reset_failed(s);
	else
		usleep(PAUSE_USEC);
	return tries < (is_active(s) ? TRIES_ACTIVE : TRIES_ENDING);
}

static int order_start(struct session *s)
{
	for (unsigned int tries = 0;; tries++) {
		_cleanup_error_ sd_bus_error e = SD_BUS_ERROR_NULL;
		int r = give_start(s, &e);

		if (r >= 0)
			return 0;
		if (!sd_bus_error_has_name(&e, ERROR_EXISTS) ||
		    !try_again(s, tries))
			return session_fail_bus(s, r, &e, "start it");
	}
}

static int needs_version(struct session *s)
{
	for (size_t i = 0; i < s->q->n_props; i++)
		if (s->q->props[i].since > 0)
			return session_version(s);
	return 0;
}

int session_start(struct session *s)
{
	int r = needs_version(s);

	if (r >= 0)
		r = watch_jobs(s);
	if (r >= 0)
		r = order_start(s);
	if (r < 0)
		return r;
	s->reply->made = true;
	r = wait_job(s);
	if (r < 0) {
		reset_failed(s);
		return session_fail(s, r,
				    "Timeout waiting for systemd to create %s",
				    s->q->unit);
	}
	if (!streq(s->result, "done")) {
		reset_failed(s);
		return session_fail(s, -EIO,
				    "error creating systemd unit `%s`: got "
				    "`%s`",
				    s->q->unit, s->result);
	}
	return 0;
}

/* --- set and stop ------------------------------------------------------- */

int session_set(struct session *s)
{
	_cleanup_error_ sd_bus_error e = SD_BUS_ERROR_NULL;
	_cleanup_message_ sd_bus_message *m = NULL;
	int r = needs_version(s);

	if (r < 0)
		return r;
	r = sd_bus_message_new_method_call(s->bus, &m, MANAGER, MANAGER_PATH,
					   MANAGER_IFACE, "SetUnitProperties");
	if (r >= 0)
		r = sd_bus_message_append(m, "sb", s->q->unit, 1);
	if (r >= 0)
		r = props_append(m, s->q, s->version);
	if (r >= 0)
		r = sd_bus_call(s->bus, m, 0, &e, NULL);
	return r < 0 ? session_fail_bus(s, r, &e, "set its properties") : 0;
}

/* The unit's group, below that of the manager; NULL where it cannot be had. */
static char *unit_group(struct session *s)
{
	_cleanup_error_ sd_bus_error e = SD_BUS_ERROR_NULL;
	_cleanup_message_ sd_bus_message *m = NULL;
	const char *object, *iface = str_ends(s->q->unit, ".slice")
					     ? MANAGER ".Slice"
					     : MANAGER ".Scope";
	char *group = NULL;
	int r = sd_bus_call_method(s->bus, MANAGER, MANAGER_PATH, MANAGER_IFACE,
				   "GetUnit", &e, &m, "s", s->q->unit);

	if (r >= 0)
		r = sd_bus_message_read(m, "o", &object);
	if (r >= 0)
		r = sd_bus_get_property_string(s->bus, MANAGER, object, iface,
					       "ControlGroup", &e, &group);
	return r < 0 ? NULL : group;
}

/* Has the unit of that name another group than the one that was told? */
static bool is_of_another(struct session *s)
{
	_cleanup_free_ char *group = s->q->n_props == 1 ? unit_group(s) : NULL;
	const char *ours;

	if (!group || !*group)
		return false;
	ours = s->q->props[0].v[0];
	return !str_ends(group, ours) && !str_ends(ours, group);
}

int session_stop(struct session *s)
{
	_cleanup_error_ sd_bus_error e = SD_BUS_ERROR_NULL;
	_cleanup_message_ sd_bus_message *reply = NULL;
	int r = watch_jobs(s);

	if (r < 0)
		return r;
	if (is_of_another(s))
		return 0;
	r = sd_bus_call_method(s->bus, MANAGER, MANAGER_PATH, MANAGER_IFACE,
			       "StopUnit", &e, &reply, "ss", s->q->unit,
			       "replace");
	if (r < 0 && sd_bus_error_has_name(&e, ERROR_NO_UNIT))
		return 0;
	if (r >= 0)
		r = take_job(s, reply);
	if (r < 0)
		return session_fail_bus(s, r, &e, "stop it");
	r = wait_job(s);
	reset_failed(s);
	if (r < 0)
		return session_fail(s, r,
				    "Timed out while waiting for systemd to "
				    "remove %s",
				    s->q->unit);
	return 0;
}

int session_attach(struct session *s)
{
	_cleanup_error_ sd_bus_error e = SD_BUS_ERROR_NULL;
	_cleanup_message_ sd_bus_message *m = NULL;
	int r = s->q->n_props == 1 ? 0 : -EINVAL;

	if (r >= 0)
		r = sd_bus_message_new_method_call(s->bus, &m, MANAGER,
						   MANAGER_PATH, MANAGER_IFACE,
						   "AttachProcessesToUnit");
	if (r >= 0)
		r = sd_bus_message_append(m, "ss", s->q->unit, "");
	if (r >= 0)
		r = prop_append_value(m, &s->q->props[0]);
	if (r >= 0)
		r = sd_bus_call(s->bus, m, 0, &e, NULL);
	return r < 0 ? session_fail_bus(s, r, &e, "move a process into it") : 0;
}
