#include <config.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command-line.h"
#include "controller/oftables.h"
#include "lib/ovn-daemon.h"
#include "lib/ovn-version.h"
#include "util.h"
#include "uuid.h"

/* The stages of the logical pipelines. */
enum pipeline { INGRESS, EGRESS };
static const struct stage {
    const char *name;
    enum pipeline pipeline;
    int table;
} stages[] = {
#define STAGE(SYMBOL, KIND, PIPELINE, TABLE, NAME, DEFAULT, DOC) \
    { NAME, PIPELINE, TABLE },
#include "northd/pipeline.def"
#undef STAGE
};

static const struct stage *
find_stage(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(stages); i++) {
        if (!strcmp(stages[i].name, name)) {
            return &stages[i];
        }
    }
    ovs_fatal(0, "%s: unknown stage of the logical pipelines", name);
}

static void
cmd_stage_to_ltable(struct ovs_cmdl_context *ctx)
{
    printf("%d\n", find_stage(ctx->argv[1])->table);
}

static void
cmd_stage_to_oftable(struct ovs_cmdl_context *ctx)
{
    const struct stage *stage = find_stage(ctx->argv[1]);
    int first = (stage->pipeline == INGRESS
                 ? OFTABLE_LOG_INGRESS : OFTABLE_LOG_EGRESS);

    printf("%d\n", first + stage->table);
}

/* Prints it like "ovs-ofctl dump-flows", so that grep finds it there. */
static void
cmd_uuid_to_cookie(struct ovs_cmdl_context *ctx)
{
    struct uuid uuid;

    if (!uuid_from_string(&uuid, ctx->argv[1])) {
        ovs_fatal(0, "%s: not a UUID", ctx->argv[1]);
    }
    printf("0x%"PRIx32"\n", uuid.parts[0]);
}

static void
cmd_start_list(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    printf("ingress: %d\negress: %d\n", OFTABLE_LOG_INGRESS,
           OFTABLE_LOG_EGRESS);
}

static const struct ovs_cmdl_command commands[] = {
    { "lflow-stage-to-ltable", "STAGE", 1, 1, cmd_stage_to_ltable, OVS_RO },
    { "lflow-stage-to-oftable", "STAGE", 1, 1, cmd_stage_to_oftable, OVS_RO },
    { "uuid-to-cookie", "UUID", 1, 1, cmd_uuid_to_cookie, OVS_RO },
    { "lflow-pipeline-oftable-start-list", NULL, 0, 0, cmd_start_list,
      OVS_RO },
    { NULL, NULL, 0, 0, NULL, OVS_RO },
};

OVS_NO_RETURN static void
usage(void)
{
    printf("\
%s: convert numbers and names for those who look into OVN\n\
usage: %s [OPTIONS] COMMAND [ARG]\n\
\n\
Commands:\n\
  lflow-stage-to-ltable STAGE   logical table of a stage\n\
  lflow-stage-to-oftable STAGE  OpenFlow table of a stage\n\
  uuid-to-cookie UUID           cookie of the OpenFlow flows of a\n\
                                southbound row\n\
  lflow-pipeline-oftable-start-list\n\
                                first OpenFlow table of each pipeline\n\
\n\
Options:\n\
  -h, --help                    display this help message\n\
  -V, --version                 display version information\n",
           program_name, program_name);
    exit(EXIT_SUCCESS);
}

/* Prints what makes bash complete commands and stages. */
static void
print_completion(void)
{
    printf("_ovn_debug()\n"
           "{\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} words\n"
           "    case ${COMP_WORDS[COMP_CWORD - 1]} in\n"
           "    lflow-stage-*) words='");
    for (size_t i = 0; i < ARRAY_SIZE(stages); i++) {
        printf("%s%s", i ? " " : "", stages[i].name);
    }
    printf("' ;;\n"
           "    uuid-to-cookie) ;;\n"
           "    *) words='");
    for (const struct ovs_cmdl_command *c = commands; c->name; c++) {
        printf("%s ", c->name);
    }
    printf("--help --version' ;;\n"
           "    esac\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
           "}\n"
           "complete -F _ovn_debug ovn-debug\n");
}

static void
parse_options(int argc, char *argv[])
{
    enum { OPT_COMPLETION = UCHAR_MAX + 1 };
    static const struct option long_options[] = {
        { "help", no_argument, NULL, 'h' },
        { "options", no_argument, NULL, 'o' },
        { "print-completion", no_argument, NULL, OPT_COMPLETION },
        { "version", no_argument, NULL, 'V' },
        { NULL, 0, NULL, 0 },
    };

    for (;;) {
        int c = getopt_long(argc, argv, "+hoV", long_options, NULL);
        switch (c) {
        case -1:
            return;
        case 'h':
            usage();
        case 'o':
            ovs_cmdl_print_options(long_options);
            exit(EXIT_SUCCESS);
        case OPT_COMPLETION:
            print_completion();
            exit(EXIT_SUCCESS);
        case 'V':
            ovn_print_version(0, 0);
            exit(EXIT_SUCCESS);
        default:
            exit(EXIT_FAILURE);
        }
    }
}

int
main(int argc, char *argv[])
{
    ovn_set_program_name(argv[0]);
    parse_options(argc, argv);
    if (optind >= argc) {
        ovs_fatal(0, "missing command name (use --help for help)");
    }

    struct ovs_cmdl_context ctx = {
        .argc = argc - optind, .argv = argv + optind,
    };
    ovs_cmdl_run_command(&ctx, commands);
    if (fflush(stdout) || ferror(stdout)) {
        ovs_fatal(0, "standard output cannot be written");
    }
    return EXIT_SUCCESS;
}
