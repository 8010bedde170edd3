/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks that run on the host's side (OCI runtime.md "Lifecycle"): prestart,
 * createRuntime, poststart, poststop. Each gets the state on standard input, an
 * environment of its own, fds 0 to 2, a process group of its own that is killed
 * at its timeout. Its output is kept for the error text (bounded).
 */
#ifndef TARE_RUNTIME_HOOKS_H
#define TARE_RUNTIME_HOOKS_H

#include "plan/hook_state.h"
#include "spec/spec.h"

/*
 * Runs all hooks of the point in order; stops at the first failure (poststop:
 * a warning in the log, and on with the next): "error
 * running HOOK hook #I: exit status N, stdout: S, stderr: S". pid 0 = none.
 * 0 or -errno with the trail.
 */
int hooks_run(const struct oci_hooks *h, enum oci_hook_point at,
	      const struct hook_state *s, const char *status, int pid);

#endif
