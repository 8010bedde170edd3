dnl SPDX-License-Identifier: Apache-2.0
dnl
dnl TARE_FLAGS(VAR, FLAGS)
dnl Append to VAR those of FLAGS that the compiler and the linker take without
dnl a warning. One probe does if all of them are fine.
AC_DEFUN([TARE_FLAGS], [
	tare_list="m4_normalize([$2])"
	tare_cflags=$CFLAGS
	tare_good=
	tare_bad=
	CFLAGS="$tare_cflags $$1 -Werror $tare_list"
	AC_MSG_CHECKING([flags for $1 that $CC takes])
	AC_LINK_IFELSE([AC_LANG_PROGRAM()], [tare_good=" $tare_list"], [
		for tare_flag in $tare_list; do
			CFLAGS="$tare_cflags $$1$tare_good -Werror $tare_flag"
			AC_LINK_IFELSE([AC_LANG_PROGRAM()],
				[tare_good="$tare_good $tare_flag"],
				[tare_bad="$tare_bad $tare_flag"])
		done
	])
	CFLAGS=$tare_cflags
	AS_VAR_APPEND([$1], ["$tare_good"])
	AC_MSG_RESULT([all${tare_bad:+ but$tare_bad}])
])

dnl TARE_INIT_FLAGS(VAR, FLAGS): the same for INIT_CC, which makes the static
dnl init program and may be another compiler than CC.
AC_DEFUN([TARE_INIT_FLAGS], [
	tare_list="m4_normalize([$2])"
	tare_good=
	tare_bad=
	AC_MSG_CHECKING([flags for $1 that $INIT_CC takes])
	echo 'int main(void) { return 0; }' > conftest.c
	tare_link="$INIT_CC -Werror -static -o conftest$EXEEXT conftest.c"
	AS_IF([$tare_link $tare_list >&AS_MESSAGE_LOG_FD 2>&1],
		[tare_good=" $tare_list"], [
		for tare_flag in $tare_list; do
			AS_IF([$tare_link $tare_good $tare_flag \
				>&AS_MESSAGE_LOG_FD 2>&1],
				[tare_good="$tare_good $tare_flag"],
				[tare_bad="$tare_bad $tare_flag"])
		done
	])
	rm -f conftest.c conftest$EXEEXT
	AS_VAR_APPEND([$1], ["$tare_good"])
	AC_MSG_RESULT([all${tare_bad:+ but$tare_bad}])
])

dnl TARE_UAPI: links in uapi/ of the build to the kernel's user headers (linux/,
dnl asm/, asm-generic/) and those of libseccomp and yajl as CC finds them, for a
dnl libc that keeps its own include path.
AC_DEFUN([TARE_UAPI], [
	AC_MSG_CHECKING([for the kernel's user headers])
	printf '#include <linux/types.h>\n#include <asm/ioctl.h>\n' > conftest.c
	printf '#include <seccomp.h>\n#include <yajl/yajl_parse.h>\n' >> conftest.c
	tare_deps=`$CC $CPPFLAGS $SECCOMP_CFLAGS $YAJL_CFLAGS -E -M conftest.c \
		2>&AS_MESSAGE_LOG_FD | tr -s ' \\\\' '\n\n'`
	rm -rf conftest.c uapi
	AS_MKDIR_P([uapi])
	for tare_name in linux/types.h asm/ioctl.h asm-generic/ioctl.h \
			seccomp.h seccomp-syscalls.h yajl/yajl_parse.h; do
		tare_file=`echo "$tare_deps" | grep "/$tare_name\$" | head -n 1`
		tare_first=${tare_name%%/*}
		AS_IF([test -z "$tare_file"],
			[AC_MSG_ERROR([$tare_name not found])])
		ln -sfn "${tare_file%/$tare_name}/$tare_first" uapi/
	done
	AC_MSG_RESULT([uapi])
])

dnl TARE_MUSL(VAR): set VAR to musl if INIT_CC's libc can be linked, as a
dnl static-pie program, with the system's static libseccomp and yajl; else to
dnl system. musl-gcc has no word for static-pie: CC links, told what to take.
AC_DEFUN([TARE_MUSL], [
	AC_MSG_CHECKING([whether $INIT_CC can make tare])
	cat > conftest.c <<-EOF
		#include <seccomp.h>
		#include <yajl/yajl_parse.h>
		int main(void)
		{
			seccomp_release(seccomp_init(SCMP_ACT_ALLOW));
			yajl_free(yajl_alloc(0, 0, 0));
		}
	EOF
	tare_crt=`$INIT_CC -### -static conftest.c 2>&1 | tr ' "' '\n\n' |
		sed -n 's,/crti\.o$,,p' | head -n 1`
	MUSL_CRT=$tare_crt
	tare_base=$srcdir/libcontainer/base
	AS_IF([test -n "$tare_crt" &&
		$INIT_CC -fPIE -isystem uapi -c -o conftest1.o conftest.c \
			>&AS_MESSAGE_LOG_FD 2>&1 &&
		$INIT_CC -fPIE -D_GNU_SOURCE= -I$srcdir/libcontainer \
			-c -o conftest2.o $tare_base/fortify.c \
			>&AS_MESSAGE_LOG_FD 2>&1 &&
		$CC -nostdlib -static-pie -o conftest$EXEEXT $tare_crt/rcrt1.o \
			$tare_crt/crti.o conftest1.o conftest2.o $SECCOMP_LIBS \
			$STATIC_YAJL_LIBS $tare_crt/libc.a -lgcc \
			$tare_crt/crtn.o >&AS_MESSAGE_LOG_FD 2>&1 &&
		./conftest$EXEEXT],
		[$1=musl; AC_MSG_RESULT([yes])],
		[$1=system; AC_MSG_RESULT([no])])
	rm -f conftest.c conftest1.o conftest2.o conftest$EXEEXT
	AC_SUBST([MUSL_CRT])
])
