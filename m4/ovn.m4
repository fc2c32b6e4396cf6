# Checks that configure.ac calls, one macro per concern.  Each failed check
# names what is missing and the Debian package that has it.

# OVN_MISSING(WHAT, PACKAGE)
AC_DEFUN([OVN_MISSING],
  [AC_MSG_ERROR([$1 is needed, please install it (Debian: $2)])])

# A compiler and the C library's headers.  Autoconf's own checks, which come
# later, do not say what to install.
AC_DEFUN([OVN_CHECK_COMPILER], [
  # What the user says may have several words, like "ccache gcc".
  AS_IF([test "x$CC" = x],
    [AC_CHECK_PROGS([OVN_CC], [gcc cc clang], [no])
     AS_IF([test "$OVN_CC" = no], [OVN_MISSING([a C compiler], [gcc])])],
    [OVN_CC=$CC
     AS_IF([$OVN_CC -E - </dev/null >/dev/null 2>&1], [],
           [AC_MSG_ERROR([CC is "$CC", which is no C compiler])])])
  AC_MSG_CHECKING([for the C library's headers])
  AS_IF([echo '#include <stdio.h>' | $OVN_CC $CPPFLAGS -E - >/dev/null 2>&1],
        [AC_MSG_RESULT([yes])],
        [AC_MSG_RESULT([no])
         OVN_MISSING([the C library's headers], [libc6-dev])])
  AS_IF([test "x$MAKE" != x], [OVN_MAKE=$MAKE],
        [AC_CHECK_PROGS([OVN_MAKE], [make gmake], [no])])
  AS_IF([test "$OVN_MAKE" = no], [OVN_MISSING([make], [make])])
])

# Programs needed to build.
AC_DEFUN([OVN_CHECK_TOOLS], [
  AC_PATH_PROG([PYTHON3], [python3], [no])
  AS_IF([test "$PYTHON3" = no], [OVN_MISSING([python3], [python3])])
  AC_MSG_CHECKING([for Python 3.6 or later])
  AS_IF(["$PYTHON3" -c 'import sys; sys.exit(sys.version_info < (3, 6))'],
        [AC_MSG_RESULT([yes])],
        [AC_MSG_RESULT([no])
         OVN_MISSING([Python 3.6 or later], [python3])])
  AC_PATH_PROG([AUTOM4TE], [autom4te], [no])
  AS_IF([test "$AUTOM4TE" = no], [OVN_MISSING([autom4te], [autoconf])])
  AC_PATH_PROG([OVSDB_SERVER], [ovsdb-server], [no],
               [$PATH:/usr/sbin:/usr/local/sbin])
  AS_IF([test "$OVSDB_SERVER" = no],
    [AC_MSG_WARN([ovsdb-server is needed to test and to run, please install
it before you do (Debian: openvswitch-switch)])])
])

# Libraries that libopenvswitch refers to.
AC_DEFUN([OVN_CHECK_LIBRARIES], [
  AC_CHECK_HEADER([openssl/ssl.h], [],
                  [OVN_MISSING([OpenSSL's header openssl/ssl.h],
                               [libssl-dev])], [AC_INCLUDES_DEFAULT])
  AC_CHECK_LIB([ssl], [SSL_CTX_new], [:],
               [OVN_MISSING([OpenSSL's libssl], [libssl-dev])], [-lcrypto])
  AC_CHECK_HEADER([unbound.h], [],
                  [OVN_MISSING([the header unbound.h], [libunbound-dev])],
                  [AC_INCLUDES_DEFAULT])
  AC_CHECK_LIB([unbound], [ub_ctx_create], [:],
               [OVN_MISSING([libunbound], [libunbound-dev])])

  # Daemons give up the rights of root with it, nothing else takes it.
  AC_CHECK_HEADER([cap-ng.h], [ovn_libcapng=yes], [ovn_libcapng=no],
                  [AC_INCLUDES_DEFAULT])
  AS_IF([test $ovn_libcapng = yes],
        [AC_CHECK_LIB([cap-ng], [capng_clear], [:], [ovn_libcapng=no])])
])

# OVN_WITH_DIR(NAME, VARIABLE, DEFAULT, WHAT)
AC_DEFUN([OVN_WITH_DIR], [
  AC_ARG_WITH([$1], [AS_HELP_STRING([--with-$1=DIR], [$4 [$3]])],
              [$2=$withval], [$2='$3'])
  AC_SUBST([$2])])

# Directories that programs use while they run.
AC_DEFUN([OVN_CHECK_DIRS], [
  OVN_WITH_DIR([rundir], [RUNDIR], [${localstatedir}/run/ovn],
               [directory for sockets and pid files])
  OVN_WITH_DIR([logdir], [LOGDIR], [${localstatedir}/log/ovn],
               [directory for log files])
  OVN_WITH_DIR([dbdir], [DBDIR], [${sysconfdir}/ovn],
               [directory for databases])
])

AC_DEFUN([OVN_CHECK_WERROR], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--disable-werror], [do not take warnings for errors])],
    [], [enable_werror=yes])
  OVN_CFLAGS="-Wall -Wextra -Wno-unused-parameter -Wno-sign-compare"
  OVN_CFLAGS="$OVN_CFLAGS -Wstrict-prototypes -Wmissing-prototypes"
  OVN_CFLAGS="$OVN_CFLAGS -Wno-missing-field-initializers"
  AS_IF([test "$enable_werror" != no], [OVN_CFLAGS="-Werror $OVN_CFLAGS"])
  # The library's data structures count on it.
  OVN_CFLAGS="$OVN_CFLAGS -fno-strict-aliasing -pthread"
  AC_SUBST([OVN_CFLAGS])
])

# Finds errors of memory and of undefined behaviour while the program runs.
AC_DEFUN([OVN_CHECK_ASAN], [
  AC_ARG_ENABLE([asan],
    [AS_HELP_STRING([--enable-asan],
                    [build with address and undefined-behaviour sanitizers])],
    [], [enable_asan=no])
  AS_IF([test "$enable_asan" != no], [
    OVN_ASAN="-fsanitize=address,undefined -fno-omit-frame-pointer"
    AC_MSG_CHECKING([whether $CC accepts $OVN_ASAN])
    save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS $OVN_ASAN"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [AC_MSG_RESULT([yes])],
      [AC_MSG_RESULT([no])
       OVN_MISSING([the sanitizers' library], [libgcc-12-dev or similar])])
    OVN_LDFLAGS=$OVN_ASAN
    # As shared libraries, GCC's two sanitizers exchange some functions, and
    # reports of undefined behaviour no longer go to UBSAN_OPTIONS' log_path.
    OVN_ASAN_STATIC="-static-libasan -static-libubsan"
    AC_MSG_CHECKING([whether $CC accepts $OVN_ASAN_STATIC])
    CFLAGS="$CFLAGS $OVN_ASAN_STATIC -Werror"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
      [AC_MSG_RESULT([yes])
       OVN_LDFLAGS="$OVN_LDFLAGS $OVN_ASAN_STATIC"],
      [AC_MSG_RESULT([no])])
    CFLAGS=$save_CFLAGS
    OVN_CFLAGS="$OVN_CFLAGS $OVN_ASAN"
  ])
  AC_SUBST([OVN_LDFLAGS])
])

# Finds the Open vSwitch library, or builds it.
#
# A tree that is already built is used where it stands.  Anything else is
# copied to the folder "openvswitch" of the build tree and built there, once;
# configure does it because the headers that result decide how the rest gets
# compiled.  One that was built before libcap-ng came stays as it is.
AC_DEFUN([OVN_CHECK_OVS], [
  AC_ARG_WITH([ovs-source],
    [AS_HELP_STRING([--with-ovs-source=DIR],
       [Open vSwitch source, built or not, or a tar file of it
        @<:@/usr/src/openvswitch/openvswitch.tar.gz@:>@])],
    [], [with_ovs_source=/usr/src/openvswitch/openvswitch.tar.gz])
  AC_MSG_CHECKING([for Open vSwitch])
  AS_CASE([$with_ovs_source],
    [yes | no], [AC_MSG_ERROR([--with-ovs-source needs a directory])],
    [/*], [],
    [with_ovs_source=`pwd`/$with_ovs_source])
  AS_IF([test ! -e "$with_ovs_source"], [
    AC_MSG_RESULT([no])
    OVN_MISSING([Open vSwitch's source ($with_ovs_source)],
                [openvswitch-source, or give --with-ovs-source=DIR])])
  AC_MSG_RESULT([$with_ovs_source])
  AS_IF([test -f "$with_ovs_source/lib/.libs/libopenvswitch.a" &&
         test -f "$with_ovs_source/ovsdb/.libs/libovsdb.a" &&
         test -f "$with_ovs_source/config.h"],
    [OVS_SRCDIR=$with_ovs_source],
    [OVS_SRCDIR=`pwd`/openvswitch
     AS_IF([$SHELL "$srcdir/build-aux/build-ovs" "$with_ovs_source" \
                   "$OVS_SRCDIR" $ovn_libcapng], [],
           [AC_MSG_ERROR([could not build Open vSwitch, see above])])])
  OVS_BUILDDIR=$OVS_SRCDIR
  OVS_VERSION=`$SED -n 's/^#define VERSION "\(.*\)"$/\1/p' \
                   "$OVS_BUILDDIR/config.h"`
  AC_MSG_NOTICE([using Open vSwitch $OVS_VERSION in $OVS_SRCDIR])
  OVS_LIBCAPNG=no
  AS_IF([grep -q '^#define HAVE_LIBCAPNG 1$' "$OVS_BUILDDIR/config.h"],
        [OVS_LIBCAPNG=yes])
  AS_CASE([$OVS_LIBCAPNG,$ovn_libcapng],
    [yes,no],
      [OVN_MISSING([libcap-ng, with which Open vSwitch was built,],
                   [libcap-ng-dev])],
    [no,no],
      [AC_MSG_WARN([libcap-ng is needed for --user, which will be refused
(Debian: libcap-ng-dev)])],
    [no,yes],
      [AC_MSG_WARN([Open vSwitch in $OVS_BUILDDIR
was built without libcap-ng, so --user will be refused])
       AS_IF([test "$OVS_SRCDIR" = "`pwd`/openvswitch"],
             [AC_MSG_NOTICE([remove it first to have it built anew])])])
  AC_SUBST([OVS_SRCDIR])
  AC_SUBST([OVS_BUILDDIR])
  AC_SUBST([OVS_LIBCAPNG])
])
