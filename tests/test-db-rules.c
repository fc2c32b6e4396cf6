/* Tables, rules and sinks of test-db-daemon.c. */
#include "test-ovn.h"

#include "lib/inc/inc.h"
#include "openvswitch/dynamic-string.h"
#include "test-db.h"
#include "uuid.h"

INC_TABLE_DEFINE(intent, INTENT_FIELDS, .kind = INC_INPUT);
INC_TABLE_DEFINE(item, ITEM_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(team, TEAM_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(part, PART_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(status, STATUS_FIELDS, .kind = INC_OUTPUT);

static void
config_keys(const void *row_, struct inc_keys *keys)
{
    const struct dt_config *row = row_;
    const char *name = dt_config_name(row);
    inc_keys_add(keys, name, strlen(name));
}

static struct inc_index config_by_name = {
    .name = "config_by_name",
    .table = &dt_config_table.inc,
    .keys = config_keys,
    .mask = INC_COL(DT_CONFIG_COL_NAME),
};

/* Runs once per row of the mirror, for counting. */
static void
run_watch(const void *row)
{
    dt_config_value(row);
}

/* An Item, whose options have what the Config row "suffix" says, too. */
static void
run_items(const void *row_)
{
    const struct intent *intent = row_;
    const struct dt_config *c = inc_find_one(&config_by_name, "suffix", 6);
    istr name = intent_name(intent);
    istr team = intent_team(intent);
    struct item_v v = {
        .uuid = db_uuid_for(&dt_item_table, "%s", name.s),
        .name = name,
        .n = intent_n(intent),
        .up = intent_up(intent),
        .note = db_opt_str(intent_note(intent).s),
        .tags = intent_tags(intent),
        .options = intent_options(intent),
        .text = (c ? istr_fmt("%s%s", intent_text(intent).s,
                              dt_config_value(c))
                 : intent_text(intent)),
        .peers = intent_peers(intent),
    };

    if (team.s) {
        struct team_v t = {
            .uuid = db_uuid_for(&dt_team_table, "%s", team.s),
            .name = team,
        };
        emit_team(&t);
        v.team = t.uuid;
    }
    /* A lone team has no item that refers to it. */
    if (!team.s || strcmp(team.s, "lone")) {
        emit_item(&v);
    }
}

static void
run_parts(const void *row_)
{
    const struct intent *intent = row_;
    istr holder = intent_holder(intent);

    if (holder.s) {
        emit_part(&(struct part_v) {
            .uuid = db_uuid_for(&dt_part_table, "%s", intent_name(intent).s),
            .name = intent_name(intent),
            .holder = holder,
        });
    }
}

static void
run_status(const void *row_)
{
    const struct intent *intent = row_;
    istr status = intent_status(intent);

    if (status.s) {
        const struct dt_config *c
            = inc_find_istr(&config_by_name, intent_name(intent))
            ? inc_find_one(&config_by_name, intent_name(intent).s,
                           istr_len(intent_name(intent))) : NULL;
        if (c) {
            emit_status(&(struct status_v) {
                .uuid = *dt_config_uuid(c),
                .status = db_opt_str(status.s),
            });
        }
    }
}

static const struct inc_rule watch_rule = {
    .name = "watch", .driver = &dt_config_table.inc, .run = run_watch,
};
static const struct inc_rule item_rule = {
    .name = "items", .driver = &intent_table, .run = run_items,
};
static const struct inc_rule part_rule = {
    .name = "parts", .driver = &intent_table, .run = run_parts,
};
static const struct inc_rule status_rule = {
    .name = "status", .driver = &intent_table, .run = run_status,
};

static struct inc_table *const tables[] = {
    DT_INC_TABLES, &intent_table, &item_table, &part_table, &status_table,
    &team_table, NULL,
};
static struct inc_index *const indexes[] = {
    DT_INC_INDEXES, &config_by_name, NULL,
};
static const struct inc_rule *const rules[] = {
    &watch_rule, &item_rule, &part_rule, &status_rule, NULL,
};

const struct inc_config test_db_config = {
    .name = "test-db", .tables = tables, .indexes = indexes, .rules = rules,
    .n_threads = 1,
};

/* Sinks. */

static bool
is_foreign(const char *key)
{
    return !strncmp(key, "theirs-", 7);
}

static const struct db_sink_column item_columns[] = {
    { .column = "name", .field = item__C_name },
    { .column = "n", .field = item__C_n },
    { .column = "up", .field = item__C_up },
    { .column = "note", .field = item__C_note },
    { .column = "tags", .field = item__C_tags },
    { .column = "options", .field = item__C_options,
      .foreign_key = is_foreign },
    { .column = "text", .field = item__C_text, .insert_only = true },
    { .column = "team", .field = item__C_team },
    { .column = "peers", .field = item__C_peers },
};

static void
format_extra(const struct inc_row *row, struct ds *ds)
{
    ds_put_format(ds, "\"extra of %s\"", team_untracked(row)->name.s);
}

static const struct db_sink_column team_columns[] = {
    { .column = "name", .field = team__C_name },
    { .column = "extra", .format = format_extra },
};

static void
attach_part(const struct inc_row *row, bool insert, struct ds *ds)
{
    const struct part_v *part = part_untracked(row);

    ds_put_format(ds, "{\"op\":\"mutate\",\"table\":\"Holder\","
                  "\"where\":[[\"name\",\"==\",\"%s\"]],"
                  "\"mutations\":[[\"parts\",\"%s\",[\"uuid\",\""
                  UUID_FMT"\"]]]}", part->holder.s,
                  insert ? "insert" : "delete", UUID_ARGS(&part->uuid));
}

static bool
owns_part(const struct db_row *row)
{
    const char *name = dt_part_name((const void *) row);
    return strncmp(name, "theirs-", 7) != 0;
}

static const struct db_sink_column part_columns[] = {
    { .column = "name", .field = part__C_name },
};

static const struct db_sink_column status_columns[] = {
    { .column = "status", .field = status__C_status },
};

#define COLUMNS(NAME) .columns = NAME, .n_columns = ARRAY_SIZE(NAME)
const struct db_sink test_db_sinks[] = {
    { .out = &item_table, .table = &dt_item_table, COLUMNS(item_columns) },
    { .out = &team_table, .table = &dt_team_table, COLUMNS(team_columns) },
    { .out = &part_table, .table = &dt_part_table, COLUMNS(part_columns),
      .owns = owns_part, .attach = attach_part },
    { .out = &status_table, .table = &dt_config_table,
      COLUMNS(status_columns), .update_only = true },
    { .out = NULL },
};
