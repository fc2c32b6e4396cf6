#include "test-ovn.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "actions-fixture.h"
#include "actions/actions.h"
#include "actions/punt.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofpbuf.h"
#include "random.h"
#include "simap.h"

/* Checks the actions against what the prerequisites demand of a match: Open
 * vSwitch would refuse a flow if they were too few. */
static void
check_consistency(const struct actions_fixture *f, const char *text,
                  const struct expr *prereqs, const struct ofpbuf *ofpacts)
{
    struct expr_norm *norm;
    struct expr_matches matches;
    struct expr *e = prereqs ? expr_clone(prereqs) : expr_create_boolean(true);

    expr_simplify(e, NULL, NULL);
    char *error = expr_normalize(e, f->pp.symtab, &norm);
    ovs_assert(!error);
    expr_to_matches(norm, actions_fixture_lookup_port,
                    CONST_CAST(struct actions_fixture *, f), 1, &matches);
    for (size_t i = 0; i < matches.n; i++) {
        struct match match;

        match_init_catchall(&match);
        expr_match_fill(&matches.matches[i], &match);
        struct ofpact_check_params cp = {
            .match = &match, .max_ports = OFPP_MAX, .n_tables = 255,
        };
        enum ofperr ofperr = ofpacts_check(ofpacts->data, ofpacts->size, &cp);
        if (ofperr) {
            ovs_fatal(0, "%s: inconsistent: %s", text,
                      ofperr_to_string(ofperr));
        }
    }
    expr_matches_destroy(&matches);
    expr_norm_destroy(norm);
    expr_destroy(e);
}

/* Prints userdata of controller actions. */
static void
print_punt(const struct ofpact_controller *oc, int indent)
{
    struct punt punt;
    char *error = punt_decode(oc->userdata, oc->userdata_len, &punt);
    enum punt_param param;
    const void *data;
    size_t len;

    if (error) {
        ovs_fatal(0, "bad userdata: %s", error);
    }
    printf("%*spunt %s%s\n", indent, "", punt_opcode_to_string(punt.opcode),
           oc->pause ? ", pause" : "");
    while (punt_next(&punt, &param, &data, &len)) {
        struct ds s = DS_EMPTY_INITIALIZER;

        if (param == PUNT_P_ACTIONS) {
            struct ofpbuf openflow = ofpbuf_const_initializer(data, len);
            struct ofpbuf ofpacts;
            ofpbuf_init(&ofpacts, 0);
            if (ofpacts_pull_openflow_actions(&openflow, len, OFP15_VERSION,
                                              NULL, NULL, &ofpacts)) {
                ovs_fatal(0, "bad nested actions");
            }
            struct ofpact_format_params fp = { .s = &s };
            ofpacts_format(ofpacts.data, ofpacts.size, &fp);
            ofpbuf_uninit(&ofpacts);
        } else if (param == PUNT_P_RESULT) {
            struct mf_subfield sf;
            ovs_assert(punt_get_result(&punt, &sf) || true);
            ds_put_hex(&s, data, len);
        } else if (param == PUNT_P_NAME) {
            ds_put_format(&s, "\"%.*s\"", (int) len, (const char *) data);
        } else {
            ds_put_hex(&s, data, len);
        }
        printf("%*s  param %d: %s\n", indent, "", param, ds_cstr(&s));
        ds_destroy(&s);
    }
}

/* Parses, formats and encodes 'text' and prints the results. */
static void
run(struct actions_fixture *f, const char *text, bool quiet)
{
    struct ovnacts acts;
    struct expr *prereqs;
    char *error = ovnacts_parse(text, &f->pp, &acts, &prereqs);

    if (error) {
        printf("%s    error: %s\n", quiet ? text : "", error);
        free(error);
        return;
    }

    char *canonical = actions_fixture_round_trip(f, &acts);
    if (!quiet && strcmp(canonical, text)) {
        printf("    formats as %s\n", canonical);
    }
    free(canonical);

    struct ofpbuf ofpacts;
    ofpbuf_init(&ofpacts, 0);
    f->print_groups = !quiet;
    ovnacts_encode(&acts, &f->ep, &ofpacts);
    check_openflow(text, &ofpacts);
    check_consistency(f, text, prereqs, &ofpacts);
    if (!quiet) {
        struct ds s = DS_EMPTY_INITIALIZER;
        struct ofpact_format_params fp = { .s = &s };
        const struct ofpact *a;

        ofpacts_format(ofpacts.data, ofpacts.size, &fp);
        printf("    encodes as %s\n", ds_cstr(&s));
        OFPACT_FOR_EACH (a, ofpacts.data, ofpacts.size) {
            if (a->type == OFPACT_CONTROLLER) {
                print_punt(ofpact_get_CONTROLLER(a), 6);
            }
        }
        if (prereqs) {
            ds_clear(&s);
            expr_format(prereqs, &s);
            printf("    has prereqs %s\n", ds_cstr(&s));
        }
        ds_destroy(&s);
    }
    ofpbuf_uninit(&ofpacts);
    ovnacts_destroy(&acts);
    expr_destroy(prereqs);
}

/* "actions [OPTION...] < FILE": prints each line of FILE that is not indented
 * and is no comment, and what becomes of it.  So if the input has the results
 * in it, as indented lines, the output must be the same as the input.  A line
 * "# set OPTION..." sets options from there on, from scratch.  With option
 * "quiet" as the first one, prints only errors. */
static void
test_actions(struct ovs_cmdl_context *ctx)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    struct actions_fixture f;
    bool quiet = ctx->argc > 1 && !strcmp(ctx->argv[1], "quiet");

    actions_fixture_init(&f);
    for (int i = 1 + quiet; i < ctx->argc; i++) {
        actions_fixture_option(&f, ctx->argv[i]);
    }
    while (!ds_get_line(&line, stdin)) {
        const char *s = ds_cstr(&line);

        if (!strncmp(s, "# set", 5)) {
            char *save_ptr = NULL;
            char *copy = xstrdup(s + 5);

            actions_fixture_destroy(&f);
            actions_fixture_init(&f);
            for (char *o = strtok_r(copy, " ", &save_ptr); o;
                 o = strtok_r(NULL, " ", &save_ptr)) {
                actions_fixture_option(&f, o);
            }
            free(copy);
        }
        if (*s == ' ') {
            continue;
        }
        if (!quiet) {
            puts(s);
        }
        if (*s && *s != '#') {
            run(&f, s, quiet);
        }
    }
    ds_destroy(&line);
    actions_fixture_destroy(&f);
    symtab_exit();
}

OVSTEST_REGISTER("actions", test_actions);

/* "actions-fuzz N SEED < FILE": mutates the lines of FILE N times, at random,
 * and takes whatever parses through format, encoding and OpenFlow. */

static void
mutate(struct ds *s, const struct ds *other)
{
    size_t pos = s->length ? random_range(s->length) : 0;
    size_t n = s->length - pos;
    size_t few = 1 + random_range(8);

    switch (random_range(9)) {
    case 0:                     /* Drop some characters. */
        n = MIN(n, few);
        memmove(&s->string[pos], &s->string[pos + n], s->length - pos - n);
        s->length -= n;
        s->string[s->length] = '\0';
        break;
    case 1:                     /* Another character. */
        if (n) {
            s->string[pos] = " ;,(){}[]=<>-\"./:$@^019afregXip"[
                random_range(31)];
        }
        break;
    case 2:                     /* Cut. */
        ds_truncate(s, pos);
        break;
    case 3:                     /* The rest of another text. */
        ds_truncate(s, pos);
        if (other->length) {
            ds_put_cstr(s, &other->string[random_range(other->length)]);
        }
        break;
    case 4:                     /* Twice. */
        {
            char *tail = xstrdup(&s->string[pos]);
            ds_put_cstr(s, tail);
            free(tail);
        }
        break;

    /* From here on the result may well be right. */
    case 5:                     /* Another text behind it. */
        ds_put_format(s, " %s", ds_cstr_ro(other));
        break;
    case 6:                     /* As nested actions. */
        {
            static const char *const nests[] = {
                "clone", "arp", "nd_na", "icmp6", "reject", "ct_commit",
            };
            char *inner = ds_steal_cstr(s);
            ds_put_format(s, "%s { %s };", nests[random_range(6)], inner);
            free(inner);
        }
        break;
    case 7:
    case 8:                     /* Another digit. */
        pos += strcspn(ds_cstr(s) + pos, "0123456789");
        if (pos < s->length) {
            s->string[pos] = "0123456789"[random_range(10)];
        }
        break;
    }
    if (s->length > 4096) {
        ds_truncate(s, 4096);
    }
}

static void
test_actions_fuzz(struct ovs_cmdl_context *ctx)
{
    int n = atoi(ctx->argv[1]), n_ok = 0;
    struct ds *texts = NULL;
    size_t n_texts = 0, allocated = 0;
    struct ds line = DS_EMPTY_INITIALIZER;
    struct actions_fixture f;

    random_set_seed(atoi(ctx->argv[2]));
    actions_fixture_init(&f);
    while (!ds_get_line(&line, stdin)) {
        const char *s = ds_cstr(&line);
        if (*s && *s != ' ' && *s != '#') {
            if (n_texts >= allocated) {
                texts = x2nrealloc(texts, &allocated, sizeof *texts);
            }
            ds_clone(&texts[n_texts++], &line);
        }
    }
    ovs_assert(n_texts);

    for (int i = 0; i < n; i++) {
        struct ds s;

        ds_clone(&s, &texts[random_range(n_texts)]);
        for (int j = random_range(8) / 3; j >= 0; j--) {
            mutate(&s, &texts[random_range(n_texts)]);
        }
        f.pp.table.pipeline = f.ep.table.pipeline = random_range(2);
        f.ep.is_switch = random_range(2);
        f.ep.consolidated_registers = random_range(2);
        f.ep.explicit_arp_output = random_range(2);
        n_ok += actions_fixture_check(&f, ds_cstr(&s));
        ds_destroy(&s);
        if (simap_count(&f.groups) > 1000) {
            simap_clear(&f.groups);
        }
    }
    /* If nothing parses, nothing was tested. */
    fprintf(stderr, "%d of %d texts were parsed\n", n_ok, n);
    ovs_assert(n_ok > n / 20);

    for (size_t i = 0; i < n_texts; i++) {
        ds_destroy(&texts[i]);
    }
    free(texts);
    ds_destroy(&line);
    actions_fixture_destroy(&f);
    symtab_exit();
}

OVSTEST_REGISTER("actions-fuzz", test_actions_fuzz);

/* Userdata from a switch must never hurt, whatever is in it. */
static void
test_actions_punt(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    uint8_t data[64];

    random_set_seed(1);
    for (int i = 0; i < 100000; i++) {
        size_t len = random_range(sizeof data);
        struct punt punt;

        random_bytes(data, sizeof data);
        data[0] = random_range(8) ? PUNT_VERSION : data[0];
        data[1] = random_range(40);
        for (size_t j = 2; j < len; j++) {
            data[j] = random_range(3) ? data[j] % 12 : data[j];
        }

        /* On the heap, so that ASan sees a byte too many. */
        uint8_t *copy = xmemdup(data, len);
        char *error = punt_decode(copy, len, &punt);
        if (!error) {
            enum punt_param param;
            struct mf_subfield sf;
            const void *p;
            uint32_t u32;
            uint8_t u8;
            size_t n;

            ovs_assert(strcmp(punt_opcode_to_string(punt.opcode),
                              "unknown"));
            punt_get_u32(&punt, PUNT_P_PORT, 0, &u32);
            punt_get_u8(&punt, PUNT_P_VERDICT, 0, &u8);
            punt_get_result(&punt, &sf);
            while (punt_next(&punt, &param, &p, &n)) {
                ovs_assert((const uint8_t *) p + n <= copy + len);
            }
        }
        free(error);
        free(copy);
    }
}

OVSTEST_REGISTER("actions-punt", test_actions_punt);

/* Prints all forms in which actions are written, after some checks of what the
 * manuals get. */
static void
test_actions_usage(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    for (int i = 0; i < N_OVNACTS; i++) {
        const char *doc = ovnact_doc(i), *usage = ovnact_usage(i);
        size_t len = strlen(doc);

        ovs_assert(strstr(usage, ovnact_name(i)));
        ovs_assert(usage[strlen(usage) - 1] == ';');
        ovs_assert(isupper((unsigned char) doc[0]));
        ovs_assert(doc[len - 1] == '.' || doc[len - 1] == '?');
        puts(usage);
    }
}

OVSTEST_REGISTER("actions-usage", test_actions_usage);
