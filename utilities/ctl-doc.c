#include <config.h>
#include "ctl-common.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "daemon.h"
#include "ovsdb-idl-provider.h"
#include "stream.h"
#include "svec.h"
#include "util.h"

/* The commands that the library brings, which it does not describe in a form
 * that a manual could be made from. */
static const struct ctl_cmd db_cmds[] = {
    { { "list", 1, INT_MAX, "TABLE [RECORD]...", NULL, NULL, NULL,
        "--if-exists,--columns=", RO },
      "list RECORDs (or all) in TABLE",
      "Prints the given records, or all, with all columns, or those of "
      "`--columns=COLUMN[,COLUMN]...` in that order.  With `--if-exists`, "
      "records that do not exist are skipped." },
    { { "find", 1, INT_MAX, "TABLE [COLUMN[:KEY]=VALUE]...", NULL, NULL,
        NULL, "--columns=", RO },
      "list records that satisfy conditions",
      "Prints, as `list` does, the records that satisfy all conditions.  "
      "Besides = there are !=, <, >, <= and >=, and for sets {=}, {!=}, {<}, "
      "{>}, {<=} and {>=}, where {<=}, for instance, stands for \"is a subset "
      "of\", as well as {in} and {not-in} for values in, or not in, a given "
      "set.  In a shell, most of these need quotes." },
    { { "get", 2, INT_MAX, "TABLE RECORD [COLUMN[:KEY]]...", NULL, NULL,
        NULL, "--if-exists,--id=", RO },
      "print values of columns",
      "Prints the value of each column, or of one key in it, one per line.  A "
      "missing record or key is an error unless `--if-exists` is there.  With "
      "`--id=@NAME`, the record can be called @NAME in other commands of the "
      "same invocation." },
    { { "set", 3, INT_MAX, "TABLE RECORD COLUMN[:KEY]=VALUE...", NULL, NULL,
        NULL, "--if-exists", RW },
      "set columns or keys of a record",
      "Sets each column to the value, or one key of it, leaving the column's "
      "other keys alone." },
    { { "add", 4, INT_MAX, "TABLE RECORD COLUMN [KEY=]VALUE...", NULL, NULL,
        NULL, "--if-exists", RW },
      "add values to a set or map",
      "Adds values, or pairs of key and value, to a column that takes "
      "several.  A key that is there already keeps its value." },
    { { "remove", 4, INT_MAX, "TABLE RECORD COLUMN KEY|VALUE|KEY=VALUE...",
        NULL, NULL, NULL, "--if-exists", RW },
      "remove values from a set or map",
      "Removes values, keys, or keys if they have the given value.  What is "
      "not there is ignored." },
    { { "clear", 3, INT_MAX, "TABLE RECORD COLUMN...", NULL, NULL, NULL,
        "--if-exists", RW },
      "empty columns of a record",
      "Makes columns empty that may be." },
    { { "create", 2, INT_MAX, "TABLE COLUMN[:KEY]=VALUE...", NULL, NULL,
        NULL, "--id=", RW },
      "create a record",
      "Creates a record and prints its UUID.  With `--id=@NAME`, other "
      "commands of the same invocation can refer to it by @NAME, and must if "
      "its table only holds records that others refer to; `--id=UUID` chooses "
      "the UUID." },
    { { "destroy", 1, INT_MAX, "TABLE [RECORD]...", NULL, NULL, NULL,
        "--if-exists,--all", RW },
      "delete records",
      "Deletes the given records, or with `--all` each one in the table." },
    { { "wait-until", 2, INT_MAX, "TABLE RECORD [COLUMN[:KEY]=VALUE]...",
        NULL, NULL, NULL, "", RO },
      "wait until a record satisfies conditions",
      "Waits until the record exists and satisfies all conditions, which have "
      "the form of those of `find`." },
    { { "comment", 0, INT_MAX, "[ARG]...", NULL, NULL, NULL, "", RO },
      "do nothing",
      "Does nothing, but the arguments appear in the database's log, as all "
      "commands do." },
    { .syntax = { .name = NULL } },
};

const struct ctl_group ctl_db_group = {
    "Database commands",
    "These work on any table.  TABLE and COLUMN can be abbreviated, in any "
    "case, with - for _.  RECORD is a UUID, at least four digits of its start "
    "if no other record's UUID starts that way, `.` in a table with one "
    "record, or in many tables a name: `--help` lists them.\n\n"
    "A string needs double quotes if it has characters other than letters, "
    "digits, _, - and . or could be read as something else.  Sets are written "
    "with commas, in [ ] if they are empty, maps as KEY=VALUE with commas, "
    "{} if empty.",
    db_cmds
};

/* Appends option 'spec', one of db-ctl-base's such as "--id=", the way users
 * read it. */
static void
put_option(const char *spec, struct ds *s)
{
    size_t n = strcspn(spec, "=?,");
    const char *word = spec + n;

    ds_put_char(s, '[');
    ds_put_buffer(s, spec, n);
    if (spec[n] == '=' || spec[n] == '?') {
        while (word[-1] != '-') {
            word--;
        }
        ds_put_cstr(s, spec[n] == '?' ? "[=" : "=");
        for (; word < spec + n; word++) {
            ds_put_char(s, toupper((unsigned char) *word));
        }
        ds_put_cstr(s, spec[n] == '?' ? "]" : "");
    }
    ds_put_cstr(s, "] ");
}

/* Appends a command with its options, which 'separator' follows if there are
 * any, and arguments. */
static void
put_synopsis(const struct ctl_command_syntax *syntax, const char *separator,
             struct ds *s)
{
    const char *option = syntax->options;

    while (*option) {
        put_option(option, s);
        option += strcspn(option, ",");
        option += *option == ',';
    }
    if (s->length) {
        ds_chomp(s, ' ');
        ds_put_cstr(s, separator);
    }
    ds_put_cstr(s, syntax->name);
    if (syntax->arguments[0]) {
        ds_put_format(s, " %s", syntax->arguments);
    }
}

/* --help
 * ====== */

#define USAGE_COLUMN 28
#define USAGE_WIDTH 79

/* Prints 'line' on lines that fit a terminal, if its words allow it. */
static void
print_wrapped(char *line)
{
    char *save_ptr = NULL;
    size_t column = 1;

    putchar(' ');
    for (char *word = strtok_r(line, " ", &save_ptr); word;
         word = strtok_r(NULL, " ", &save_ptr)) {
        if (column > 4 && column + 1 + strlen(word) > USAGE_WIDTH) {
            printf("\n   ");
            column = 3;
        }
        printf(" %s", word);
        column += 1 + strlen(word);
    }
    putchar('\n');
}

/* Prints a synopsis that is too long for one line: the options by themselves,
 * so that commands' names are easy to find. */
static void
print_long_synopsis(const struct ctl_command_syntax *syntax)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    char *save_ptr = NULL;

    put_synopsis(syntax, "\n", &s);
    for (char *line = strtok_r(ds_cstr(&s), "\n", &save_ptr); line;
         line = strtok_r(NULL, "\n", &save_ptr)) {
        print_wrapped(line);
    }
    ds_destroy(&s);
}

static void
print_group_usage(const struct ctl_group *g)
{
    printf("\n%s:\n", g->title);
    for (const struct ctl_cmd *c = g->cmds; c->syntax.name; c++) {
        struct ds s = DS_EMPTY_INITIALIZER;

        put_synopsis(&c->syntax, " ", &s);
        if (s.length + 3 > USAGE_COLUMN) {
            if (s.length + 2 > USAGE_WIDTH) {
                print_long_synopsis(&c->syntax);
            } else {
                printf("  %s\n", ds_cstr(&s));
            }
            printf("%*s%s\n", USAGE_COLUMN, "", c->help);
        } else {
            printf("  %-*s%s\n", USAGE_COLUMN - 2, ds_cstr(&s), c->help);
        }
        ds_destroy(&s);
    }
}

static void
print_options_usage(const struct ctl_program *program)
{
    printf("\nOptions:\n\
  --db=DATABASE               connect to DATABASE\n\
                              (default: %s)\n", program->default_db());
    if (program->nb_cfg) {
        printf("\
  --no-wait, --wait=none      do not wait for the rest of OVN (default)\n\
  --wait=sb                   wait until ovn-northd has done its part\n\
  --wait=hv                   wait until all chassis have done theirs, too\n\
  --print-wait-time           print how long that took\n");
    }
    printf("\
  --no-leader-only            accept any member of a cluster of databases\n\
  --no-shuffle-remotes        try the members in the order of DATABASE\n\
  -t, --timeout=SECS          give up after SECS seconds\n\
  --dry-run                   change nothing in the database\n\
  --oneline                   print each command's output as one line\n\
\n\
Output formatting options:\n\
  -f, --format=FORMAT         print tables as \"table\", \"list\",\n\
                              \"html\", \"csv\" or \"json\"\n\
  -d, --data=FORMAT           print cells as \"string\", \"bare\" or\n\
                              \"json\"\n\
  --no-headings               omit the headings\n\
  --pretty                    print JSON with indentation\n\
  --bare                      same as -f list -d bare --no-headings\n\
  --max-column-width=N        shorten cells of a \"table\"\n");
    daemon_usage();
    vlog_usage();
    printf("\
  --no-syslog                 log only warnings to the system log\n\
\n\
Other options:\n\
  -u, --unixctl=SOCKET        control socket of the daemon to start or use\n\
  --commands                  list commands for programs to read\n\
  --options                   list options for programs to read\n\
  --print-manual              print the commands' part of the manual page\n\
  --print-completion          print a completion script for bash\n\
  -h, --help                  print this text\n\
  -V, --version               print the version\n");
    stream_usage("database", true, true, true);
}

void
ctl_print_usage(const struct ctl_program *program)
{
    printf("%s: %s\nusage: %s [OPTIONS] COMMAND [ARG...]\n",
           program->name, program->summary, program->name);
    for (const struct ctl_group *const *g = program->groups; *g; g++) {
        print_group_usage(*g);
    }
    print_group_usage(&ctl_db_group);
    printf("\n%s", ctl_list_db_tables_usage());
    print_options_usage(program);
}

/* Manual page
 * =========== */

/* Prints 'text', whose paragraphs empty lines separate, indented by 'indent'
 * columns. */
static void
print_paragraphs(const char *text, int indent)
{
    char *copy = xstrdup(text);
    char *save_ptr = NULL;

    for (char *line = strtok_r(copy, "\n", &save_ptr); line;
         line = strtok_r(NULL, "\n", &save_ptr)) {
        printf("%*s%s\n\n", indent, "", line);
    }
    free(copy);
}

static void
print_group_manual(const struct ctl_group *g)
{
    printf("## %s\n\n", g->title);
    if (g->intro) {
        print_paragraphs(g->intro, 0);
    }
    for (const struct ctl_cmd *c = g->cmds; c->syntax.name; c++) {
        struct ds s = DS_EMPTY_INITIALIZER;

        put_synopsis(&c->syntax, " ", &s);
        printf(":: `%s`\n", ds_cstr(&s));
        print_paragraphs(c->doc, 2);
        ds_destroy(&s);
    }
}

/* Prints the manual page's section on commands, in the form that
 * Documentation/writing-manuals.md describes. */
void
ctl_print_manual(const struct ctl_program *program)
{
    for (const struct ctl_group *const *g = program->groups; *g; g++) {
        print_group_manual(*g);
    }
    print_group_manual(&ctl_db_group);
}
