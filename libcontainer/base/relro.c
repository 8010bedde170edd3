/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a loader does for a dynamic program and musl does not for a static one
 * (so only in a build with musl): data that is constant once it is relocated
 * is made read-only before main() runs (PT_GNU_RELRO).
 */
#include <link.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096ul

extern const char __ehdr_start[] __attribute__((visibility("hidden")));

/* Nothing is set up yet that could tell it better. */
static _Noreturn void give_up(void)
{
	static const char text[] = "tare: mprotect of relocated data failed\n";

	(void)!write(2, text, sizeof(text) - 1);
	_exit(1);
}

__attribute__((constructor)) static void protect_relocated(void)
{
	const ElfW(Phdr) *ph = (const void *)getauxval(AT_PHDR);
	const size_t n = getauxval(AT_PHNUM);

	for (size_t i = 0; i < n; i++) {
		uintptr_t at = (uintptr_t)__ehdr_start + ph[i].p_vaddr;
		uintptr_t from = at & -PAGE;
		uintptr_t to = (at + ph[i].p_memsz) & -PAGE;

		if (ph[i].p_type == PT_GNU_RELRO && to > from &&
		    mprotect((void *)from, to - from, PROT_READ) < 0)
			give_up();
	}
}
