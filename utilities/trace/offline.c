#include <config.h>
#include "offline.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fatal-signal.h"
#include "openvswitch/list.h"
#include "socket-util.h"
#include "timeval.h"
#include "util.h"

struct offline {
    struct ovs_list list_node;  /* In 'all'. */
    char *dir;                  /* For everything below. */
    char *remote;
    pid_t server;
};

#define PREFIX "file:"

/* All of them, so that a program that is killed leaves nothing behind. */
static struct ovs_list all = OVS_LIST_INITIALIZER(&all);

bool
offline_is_file(const char *db)
{
    return !strncmp(db, PREFIX, strlen(PREFIX));
}

/* Copies file 'from' to 'to'. */
static char *
copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb");
    if (!in) {
        return xasprintf("%s: cannot open (%s)", from, ovs_strerror(errno));
    }

    FILE *out = fopen(to, "wb");
    char buffer[65536];
    size_t n;
    bool ok = out != NULL;
    while (ok && (n = fread(buffer, 1, sizeof buffer, in)) > 0) {
        ok = fwrite(buffer, 1, n, out) == n;
    }

    char *error = (ferror(in) ? xasprintf("%s: cannot read", from)
                   : !ok || (out && fclose(out)) ? xasprintf("%s: cannot "
                                                             "write", to)
                   : NULL);
    fclose(in);
    return error;
}

/* Starts a program that dies with us.  Its messages go to file 'log'. */
static pid_t
start(char *const argv[], const char *log)
{
    pid_t parent = getpid();
    pid_t pid = fork();

    if (pid) {
        return pid;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd >= 0 && getppid() == parent) {
        dup2(fd, STDERR_FILENO);
        dup2(fd, STDOUT_FILENO);
        close(fd);
        execvp(argv[0], argv);
        fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    }
    _exit(127);
}

/* The first line of file 'log', which the caller frees. */
static char *
first_line(const char *log)
{
    char line[512] = "";
    FILE *file = fopen(log, "r");

    if (file) {
        if (!fgets(line, sizeof line, file)) {
            line[0] = '\0';
        }
        fclose(file);
    }
    line[strcspn(line, "\n")] = '\0';
    return xstrdup(line[0] ? line : "it says nothing");
}

/* Converts the file of a cluster's member to a database of one server. */
static char *
convert(const char *from, const char *to, const char *log)
{
    char *argv[] = {
        "ovsdb-tool", "-vconsole:err", "-vsyslog:off",
        "cluster-to-standalone", CONST_CAST(char *, to),
        CONST_CAST(char *, from), NULL
    };
    pid_t pid = start(argv, log);
    int status;

    if (pid < 0 || waitpid(pid, &status, 0) < 0 || status) {
        char *line = first_line(log);
        char *error = xasprintf("ovsdb-tool cannot convert it: %s", line);
        free(line);
        return error;
    }
    return NULL;
}

/* Cuts off an unfinished record at the end of the file of a cluster's member:
 * whoever copied it did so while the server wrote.  ovsdb-server does that
 * itself with other files, ovsdb-tool does not.  Records start with a line
 * "OVSDB CLUSTER LENGTH SHA1", without which we leave all as it is. */
static void
trim(const char *path)
{
    FILE *file = fopen(path, "r+");
    long int end = 0;
    char line[128];
    long int length;

    if (!file) {
        return;
    }
    fseek(file, 0, SEEK_END);
    long int size = ftell(file);
    rewind(file);
    while (end < size && fgets(line, sizeof line, file)
           && ovs_scan(line, "OVSDB CLUSTER %ld", &length)
           && length >= 0 && length <= size - ftell(file)) {
        end = ftell(file) + length;
        fseek(file, end, SEEK_SET);
    }
    if (end && end < size && ftruncate(fileno(file), end)) {
        /* ovsdb-tool will complain. */
    }
    fclose(file);
}

static bool
is_clustered(const char *path)
{
    char magic[16] = "";
    FILE *file = fopen(path, "r");

    if (file) {
        if (!fgets(magic, sizeof magic, file)) {
            magic[0] = '\0';
        }
        fclose(file);
    }
    return !strncmp(magic, "OVSDB CLUSTER", 13);
}

/* True once a server accepts connections: a socket is there before that. */
static bool
listens(const char *socket)
{
    int fd = make_unix_socket(SOCK_STREAM, true, NULL, socket);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

/* Starts the server and waits until it listens. */
static char *
serve(struct offline *o, const char *db, const char *socket, const char *log)
{
    char *remote = xasprintf("--remote=punix:%s", socket);
    char *unixctl = xasprintf("--unixctl=%s/ctl", o->dir);
    char *argv[] = {
        "ovsdb-server", "-vconsole:err", "-vsyslog:off", "--no-chdir", remote,
        unixctl, CONST_CAST(char *, db), NULL
    };
    long long int give_up = time_msec() + 60 * 1000;
    char *error = NULL;
    int status;

    o->server = start(argv, log);
    while (!error && !listens(socket)) {
        if (o->server < 0 || waitpid(o->server, &status, WNOHANG)) {
            char *line = first_line(log);
            error = xasprintf("ovsdb-server cannot serve it: %s", line);
            free(line);
            o->server = 0;
        } else if (time_msec() > give_up) {
            error = xstrdup("ovsdb-server does not start");
        } else {
            xnanosleep(5 * 1000 * 1000);
        }
    }
    free(remote);
    free(unixctl);
    return error;
}

static char *
prepare(struct offline *o, const char *path)
{
    char *copy = xasprintf("%s/copy", o->dir);
    char *converted = xasprintf("%s/converted", o->dir);
    char *socket = xasprintf("%s/sock", o->dir);
    char *log = xasprintf("%s/log", o->dir);
    const char *db = copy;

    char *error = copy_file(path, copy);
    if (!error && is_clustered(copy)) {
        trim(copy);
        error = convert(copy, converted, log);
        db = converted;
    }
    if (!error) {
        error = serve(o, db, socket, log);
    }
    o->remote = xasprintf("unix:%s", socket);
    free(copy);
    free(converted);
    free(socket);
    free(log);
    return error;
}

static void
remove_dir(const char *name)
{
    DIR *dir = opendir(name);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        char *path = xasprintf("%s/%s", name, entry->d_name);
        unlink(path);
        free(path);
    }
    if (dir) {
        closedir(dir);
    }
    rmdir(name);
}

/* The server must be gone before its folder is. */
static void
clean_up(struct offline *o)
{
    if (o->server > 0) {
        kill(o->server, SIGTERM);
        waitpid(o->server, NULL, 0);
        o->server = 0;
    }
    if (o->dir) {
        remove_dir(o->dir);
    }
}

static void
clean_up_all(void *aux OVS_UNUSED)
{
    struct offline *o;

    LIST_FOR_EACH (o, list_node, &all) {
        clean_up(o);
    }
}

char *
offline_start(const char *db, struct offline **offlinep,
              const char **remotep)
{
    const char *path = db + strlen(PREFIX);
    const char *tmp = getenv("TMPDIR");
    struct offline *o = xzalloc(sizeof *o);

    *offlinep = o;
    if (ovs_list_is_empty(&all)) {
        fatal_signal_add_hook(clean_up_all, NULL, NULL, true);
    }
    ovs_list_push_back(&all, &o->list_node);
    o->dir = xasprintf("%s/ovn-trace.XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
    if (!mkdtemp(o->dir)) {
        char *error = xasprintf("%s: cannot make a folder (%s)", o->dir,
                                ovs_strerror(errno));
        free(o->dir);
        o->dir = NULL;
        return error;
    }

    char *error = prepare(o, path);
    if (error) {
        char *s = xasprintf("%s: %s", db, error);
        free(error);
        return s;
    }
    *remotep = o->remote;
    return NULL;
}

void
offline_stop(struct offline *o)
{
    if (o) {
        clean_up(o);
        ovs_list_remove(&o->list_node);
        free(o->dir);
        free(o->remote);
        free(o);
    }
}
