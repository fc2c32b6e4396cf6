#include <config.h>
#include "nbctl-graph.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "process.h"
#include "util.h"

/* Graphviz draws. */

/* Seconds after which it is stopped. */
#define TIME_LIMIT 120

/* Exit status of the child if there is no program to run, as of a shell. */
#define NOT_FOUND 127

/* Appends the content of 'file' to 's'. */
static void
read_file(FILE *file, struct ds *s)
{
    char buffer[8192];
    size_t n;

    rewind(file);
    while ((n = fread(buffer, 1, sizeof buffer, file)) > 0) {
        ds_put_buffer(s, buffer, n);
    }
}

/* Runs "dot" and returns its status as waitpid() tells it, or -1. */
static int
run_graphviz(FILE *in, FILE *out, FILE *err)
{
    int status;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid < 0) {
        return -1;
    } else if (!pid) {
        dup2(fileno(in), STDIN_FILENO);
        dup2(fileno(out), STDOUT_FILENO);
        dup2(fileno(err), STDERR_FILENO);
        alarm(TIME_LIMIT);
        execlp("dot", "dot", "-Tsvg", NULL);
        _exit(errno == ENOENT ? NOT_FOUND : 126);
    }
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return status;
}

/* Returns what is wrong with a drawing program that ended with 'status', or
 * NULL. */
static char *
explain_status(int status, FILE *err)
{
    if (status == -1) {
        return xasprintf("cannot run Graphviz's program \"dot\" (%s)",
                         ovs_strerror(errno));
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
        return xasprintf("Graphviz took more than %d seconds; name the "
                         "switches and routers that matter, or take "
                         "--format=dot and draw it yourself", TIME_LIMIT);
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND) {
        return xstrdup("there is no program \"dot\" to draw with; install "
                       "Graphviz (package \"graphviz\"), or take "
                       "--format=dot and draw elsewhere");
    } else if (status) {
        struct ds s = DS_EMPTY_INITIALIZER;

        read_file(err, &s);
        char *reason = process_status_msg(status);
        char *error = xasprintf("Graphviz's program \"dot\" failed (%s): "
                                "%.*s", reason,
                                (int) strcspn(ds_cstr(&s), "\n"),
                                ds_cstr(&s));
        free(reason);
        ds_destroy(&s);
        return error;
    }
    return NULL;
}

/* Appends a drawing of 'g' in SVG, a document of its own.  Returns NULL or an
 * error message, which the caller must free. */
char *
graph_put_svg(const struct graph *g, struct ds *s)
{
    FILE *in = tmpfile(), *out = tmpfile(), *err = tmpfile();
    char *error;

    if (!in || !out || !err) {
        error = xasprintf("cannot create a temporary file (%s)",
                          ovs_strerror(errno));
    } else {
        struct ds dot = DS_EMPTY_INITIALIZER;

        graph_put_dot(g, &dot);
        fwrite(dot.string, 1, dot.length, in);
        rewind(in);
        ds_destroy(&dot);
        error = explain_status(run_graphviz(in, out, err), err);
        if (!error) {
            read_file(out, s);
        }
    }

    FILE *files[] = { in, out, err };
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        if (files[i]) {
            fclose(files[i]);
        }
    }
    return error;
}
