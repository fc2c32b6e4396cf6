#include <config.h>
#include "ctl-common.h"

#include <ctype.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl-provider.h"
#include "util.h"

/* A script that lets bash complete command lines: --print-completion.
 *
 * Commands, options, tables and columns are in the script, as this program has
 * them; names of rows come from the database when they are needed. */

/* Values of options that have no others. */
static const struct {
    const char *option, *values;
} option_values[] = {
    { "--data", "string bare json" },
    { "--format", "table list html csv json" },
    { "--wait", "none sb hv" },
};

/* Words of which an argument is one, by the command's name, where "*" stands
 * for anything, and the argument's. */
static const struct {
    const char *pattern, *values;
} argument_values[] = {
    { "*/DIRECTION", "from-lport to-lport" },
    { "acl-add/ACTION", "allow allow-related allow-stateless drop pass "
                        "reject" },
    { "*/STATE", "enabled disabled" },
    { "lr-nat-*/TYPE", "snat dnat dnat_and_snat" },
    { "lr-policy-*/ACTION", "allow drop reroute jump" },
    { "lsp-set-type/TYPE", "external l2gateway localnet localport remote "
                           "router switch virtual vtep" },
    { "meter-add/ACTION", "drop" },
    { "meter-add/UNIT", "kbps pktps" },
    { "mirror-add/TYPE", "erspan gre local lport" },
    { "mirror-add/FILTER", "both from-lport to-lport" },
};

/* Splits the line as the program will: bash takes ":" and "=" for words of
 * their own.  Then finds the command and the number of the argument.  What is
 * in front of the last piece of a word must not be in a reply. */
static const char words_script[] = "\
    local words=() w glue= i cur lead= n=-1\n\
    local cmd= args= opts= table= skip= word\n\
    COMPREPLY=()\n\
    for ((i = 0; i <= COMP_CWORD; i++)); do\n\
        w=${COMP_WORDS[i]}\n\
        if [[ -n $glue || ($i -gt 1 && $w =~ ^[:=]+$) ]]; then\n\
            words[${#words[@]} - 1]+=$w\n\
        else\n\
            words+=(\"$w\")\n\
        fi\n\
        glue=\n\
        if [[ $i -gt 1 && $w =~ ^[:=]+$ ]]; then glue=yes; fi\n\
    done\n\
    cur=${words[${#words[@]} - 1]} lead=\n\
    if [[ $cur =~ ^.*[:=] ]]; then lead=${BASH_REMATCH[0]}; fi\n\
    for ((i = 1; i < ${#words[@]} - 1; i++)); do\n\
        w=${words[i]}\n\
        if [[ -n $skip ]]; then skip=; continue; fi\n\
        case $w in\n\
            --) cmd= n=-1 table= ;;\n\
            -*) if [[ -z $cmd && \" $valued \" == *\" $w \"* ]]; then\n\
                    skip=$w\n\
                fi ;;\n\
            *) if [[ -z $cmd ]]; then\n\
                   cmd=$w\n\
               elif [[ -z $table ]]; then\n\
                   table=$w\n\
               fi\n\
               n=$((n + 1)) ;;\n\
        esac\n\
    done\n";

/* Offers the lines of standard input, and its arguments, if they fit, with
 * quotes: they may be anybody's names, which the shell must not expand.
 * (compgen -W would.)  It sees the caller's variables. */
static const char offer_script[] = "\
    local reply\n\
    while IFS= read -r reply; do\n\
        if [[ -n $reply && $reply == \"$cur\"* ]]; then\n\
            printf -v reply %q \"${reply#\"$lead\"}\"\n\
            COMPREPLY+=(\"$reply\")\n\
        fi\n\
    done\n";

static const char argument_script[] = "\
    if [[ -n $opts && $cur == --* ]]; then\n\
        _ovndb_words $opts\n\
        return\n\
    fi\n\
    word=$args args=($args)\n\
    case $word in\n\
        *...) test $n -lt ${#args[@]} || n=$((${#args[@]} - 1)) ;;\n\
    esac\n\
    word=${args[n]-}\n\
    for i in '[' ']' '{' '}' .; do\n\
        word=${word//\"$i\"/}\n\
    done\n\
    for word in ${word//|/ }; do\n";

static void
print_group_cases(const struct ctl_group *g)
{
    for (const struct ctl_cmd *c = g->cmds; c->syntax.name; c++) {
        const char *args = c->syntax.arguments;

        printf("        %s) ", c->syntax.name);
        /* An option "[--x=a|b]" behind the name is not one of the arguments
         * that are counted. */
        if (!strncmp(args, "[--", 3)) {
            int length = strcspn(args, "]");
            int name = strcspn(args, "=");

            printf("opts='");
            for (int i = name; i < length; i += strcspn(args + i, "|]")) {
                i++;
                fwrite(args + 1, 1, name, stdout);
                fwrite(args + i, 1, strcspn(args + i, "|]"), stdout);
                putchar(' ');
            }
            printf("' ");
            args += length + 1;
            args += strspn(args, " ");
        }
        printf("args='%s' ;;\n", args);
    }
}

static void
print_group_names(const struct ctl_group *g)
{
    for (const struct ctl_cmd *c = g->cmds; c->syntax.name; c++) {
        printf("%s ", c->syntax.name);
    }
}

/* Prints a function that prints the columns of a table, or all tables. */
static void
print_schema(const struct ctl_program *program, const char *function)
{
    const struct ovsdb_idl_class *class = program->idl_class;

    printf("%s_tables='", function);
    for (size_t i = 0; i < class->n_tables; i++) {
        printf("%s ", class->tables[i].name);
    }
    printf("'\n%s_columns()\n{\n    local t=${1//-/_}\n"
           "    case ${t,,} in\n", function);
    for (size_t i = 0; i < class->n_tables; i++) {
        const struct ovsdb_idl_table_class *table = &class->tables[i];
        char *name = xstrdup(table->name);

        for (char *p = name; *p; p++) {
            *p = tolower((unsigned char) *p);
        }
        printf("        %s) echo '_uuid", name);
        for (size_t j = 0; j < table->n_columns; j++) {
            printf(" %s", table->columns[j].name);
        }
        printf("' ;;\n");
        free(name);
    }
    printf("    esac\n}\n");
}

static void
print_options(const struct option *options)
{
    printf("    local valued='");
    for (const struct option *o = options; o->name; o++) {
        if (o->has_arg == required_argument) {
            printf("--%s ", o->name);
            if (o->val > 0 && o->val <= UCHAR_MAX) {
                printf("-%c ", o->val);
            }
        }
    }
    printf("'\n");
}

static void
print_option_cases(const struct ctl_program *program)
{
    printf("    case $skip in\n");
    for (size_t i = 0; i < ARRAY_SIZE(option_values); i++) {
        printf("        %s) _ovndb_words %s; return ;;\n",
               option_values[i].option, option_values[i].values);
    }
    printf("        ?*) return ;;\n    esac\n"
           "    case $cmd$cur in\n");
    for (size_t i = 0; i < ARRAY_SIZE(option_values); i++) {
        printf("        %s=*) local opt\n"
               "            for opt in %s; do _ovndb_words %s=$opt; done\n"
               "            return ;;\n", option_values[i].option,
               option_values[i].values, option_values[i].option);
    }
    printf("    esac\n"
           "    if [[ -z $cmd ]]; then\n"
           "        case $cur in\n"
           "            -*) _ovndb_offer < <(%s --options "
           "| grep -o '^--*[^=]*') ;;\n"
           "            *) _ovndb_words ", program->name);
    for (const struct ctl_group *const *g = program->groups; *g; g++) {
        print_group_names(*g);
    }
    print_group_names(&ctl_db_group);
    printf(";;\n        esac\n        return\n    fi\n");
}

static void
print_argument_cases(const struct ctl_program *program, const char *function)
{
    printf("    case $cmd/$word in\n"
           "        */TABLE) _ovndb_words $%s_tables ;;\n"
           "        */RECORD) _ovndb_offer < <("
           "$query --columns=name list \"$table\" "
           "2>/dev/null \\\n"
           "            || $query --columns=_uuid list \"$table\" "
           "2>/dev/null) ;;\n"
           "        */COLUMN*) _ovndb_words $(%s_columns \"$table\") ;;\n",
           function, function);
    for (size_t i = 0; i < ARRAY_SIZE(argument_values); i++) {
        printf("        %s) _ovndb_words %s ;;\n",
               argument_values[i].pattern, argument_values[i].values);
    }
    for (const struct ctl_completion *c = program->completions;
         c && c->argument; c++) {
        printf("        */%s) _ovndb_offer < <($query --columns=%s list %s "
               "2>/dev/null) ;;\n", c->argument, c->column, c->table);
    }
    printf("    esac\n    done\n");
}

/* Prints the script.  'options' are all options of the program. */
void
ctl_print_completion(const struct ctl_program *program,
                     const struct option *options)
{
    char *function = xasprintf("_%s", program->name);

    for (char *p = function; *p; p++) {
        *p = *p == '-' ? '_' : *p;
    }
    printf("# Completion for %s in bash, made by \"%s --print-completion\".\n",
           program->name, program->name);
    print_schema(program, function);
    printf("_ovndb_offer()\n{\n%s}\n"
           "_ovndb_words()\n{\n"
           "    _ovndb_offer < <(printf '%%s\\n' \"$@\")\n}\n", offer_script);
    printf("%s()\n{\n"
           "    local query='%s --timeout=2 --bare --no-leader-only'\n",
           function, program->name);
    print_options(options);
    printf("%s", words_script);
    print_option_cases(program);
    printf("    case $cmd in\n");
    for (const struct ctl_group *const *g = program->groups; *g; g++) {
        print_group_cases(*g);
    }
    print_group_cases(&ctl_db_group);
    printf("    esac\n%s", argument_script);
    print_argument_cases(program, function);
    printf("}\ncomplete -F %s %s\n", function, program->name);
    free(function);
}
