# Shell functions for all tests.  tests/atlocal reads them.

# The test's own folder takes the place of all folders of the system.  Runs at
# the start of each test.
test_start () {
    OVS_RUNDIR=`pwd`
    OVS_LOGDIR=$OVS_RUNDIR
    OVS_DBDIR=$OVS_RUNDIR
    OVS_SYSCONFDIR=$OVS_RUNDIR
    OVN_RUNDIR=$OVS_RUNDIR
    OVN_LOGDIR=$OVS_RUNDIR
    OVN_DBDIR=$OVS_RUNDIR
    OVN_SYSCONFDIR=$OVS_RUNDIR
    export OVS_RUNDIR OVS_LOGDIR OVS_DBDIR OVS_SYSCONFDIR
    export OVN_RUNDIR OVN_LOGDIR OVN_DBDIR OVN_SYSCONFDIR

    # A daemon's standard error goes nowhere, so reports go to files.
    ASAN_OPTIONS=detect_leaks=1:exitcode=99:log_path=$OVN_RUNDIR/sanitizer
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1:exitcode=99
    UBSAN_OPTIONS=$UBSAN_OPTIONS:log_path=$OVN_RUNDIR/sanitizer
    export ASAN_OPTIONS UBSAN_OPTIONS

    trap test_abort 0
}

# Ends a test that got to its end: stops daemons and fails if one of them left
# a report.
test_finish () {
    trap '' 0
    stop_daemons && sanitizer_reports
}

# Cleans up after a test that failed.
test_abort () {
    stop_daemons
    sanitizer_reports
}

# Prints the reports of the sanitizers.  Fails if there are any.
sanitizer_reports () {
    for report in sanitizer.*; do
        test -e "$report" || return 0
        cat sanitizer.*
        return 1
    done
}

# kill_daemon PIDFILE: at once, and waits until it is gone, which can take a
# while for a large process.
kill_daemon () {
    kill_pid=`cat "$1"`
    kill -9 $kill_pid && wait_until stopped $kill_pid
}

# wait_until COMMAND...: runs COMMAND until it succeeds.  Gives up, with the
# output of the last try, after OVN_TEST_WAIT seconds (default: 30).
wait_until () {
    wait_end=$((`date +%s` + ${OVN_TEST_WAIT:-30}))
    wait_pause=0.02
    until "$@" >wait.out 2>&1; do
        if test `date +%s` -ge $wait_end; then
            echo "waited in vain for: $*"
            cat wait.out
            return 1
        fi
        sleep $wait_pause
        case $wait_pause in
            0.02) wait_pause=0.05 ;;
            0.05) wait_pause=0.1 ;;
            *) wait_pause=0.25 ;;
        esac
    done
    rm -f wait.out
}

# is_running PID: whether there is such a process.  A zombie is none.
is_running () {
    case `ps -o state= -p $1 2>/dev/null` in
        '' | Z*) return 1 ;;
    esac
}

# stopped PID: the opposite of is_running.
stopped () {
    ! is_running $1
}

# stop_daemon PIDFILE: asks the daemon to exit over the socket NAME.ctl next to
# its NAME.pid, with a signal if there is none, and waits until it is gone.
stop_daemon () {
    # It may be about to exit, and to remove the file, by itself.
    daemon_pid=`cat "$1" 2>/dev/null`
    test -n "$daemon_pid" || return 0
    is_running $daemon_pid || return 0
    daemon_ctl=`pwd`/${1%.pid}.ctl
    # Only an orderly exit frees all memory, which the leak check asks for.
    test -S "$daemon_ctl" \
        && ovs-appctl -T 10 -t "$daemon_ctl" exit >/dev/null 2>&1 \
        || kill $daemon_pid 2>/dev/null
    wait_until stopped $daemon_pid && return 0
    echo "$1 did not stop"
    kill -9 $daemon_pid
    return 1
}

# stop_daemons: stops all whose pid files are in the test's folder or one
# below, the one that was started last first.
stop_daemons () {
    stop_status=0
    for pidfile in `ls -t *.pid */*.pid 2>/dev/null`; do
        stop_daemon $pidfile || stop_status=1
    done
    return $stop_status
}

# start_daemon NAME PROGRAM [ARG...]: starts a daemon in the background with
# NAME.pid, NAME.ctl and NAME.log in the test's folder.
start_daemon () {
    daemon_name=$1
    shift
    "$@" -vconsole:off --detach --no-chdir --pidfile="`pwd`/$daemon_name.pid" \
        --unixctl="`pwd`/$daemon_name.ctl" \
        --log-file="`pwd`/$daemon_name.log"
}

# start_db nb|sb [REMOTE...]: starts an empty database, or the one that was
# there before, at the socket where programs look for it.
start_db () {
    db_name=ovn$1_db
    db_schema=$abs_top_srcdir/ovn-$1.ovsschema
    shift
    test -e $db_name.db || ovsdb-tool create $db_name.db "$db_schema" \
        || return 1
    db_remotes=--remote=punix:$db_name.sock
    for db_remote; do
        db_remotes="$db_remotes --remote=$db_remote"
    done
    start_daemon $db_name ovsdb-server $db_remotes $db_name.db
}

# certify NAME: a certificate for NAME, in NAME-cert.pem with NAME-key.pem, by
# the authority in cacert.pem, which is made if it is not there.
certify () {
    test -e cacert.pem \
        || openssl req -x509 -newkey rsa:2048 -nodes -days 2 \
            -subj "/CN=test CA" -keyout ca-key.pem -out cacert.pem || return
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" \
            -keyout "$1-key.pem" -out "$1-req.pem" \
        && openssl x509 -req -in "$1-req.pem" -CA cacert.pem \
            -CAkey ca-key.pem -CAcreateserial -days 2 -out "$1-cert.pem"
}

# tls_remote SERVER: the remote of a server that was last told to listen on
# any port, "pssl:0:127.0.0.1".
tls_remote () {
    sed -n 's/.*0:127.0.0.1: listening on port \([0-9]*\)/ssl:127.0.0.1:\1/p' \
        "$1.log" | tail -n 1
}
