#include <config.h>
#include "controller/out/ofzones.h"

#include "openflow/nicira-ext.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

INC_TABLE_DEFINE(zone, ZONE_FIELDS, .kind = INC_OUTPUT);
INC_TABLE_DEFINE(known_zone, KNOWN_ZONE_FIELDS, .kind = INC_INPUT);

void
ofzones_destroy(struct ofzones *zones)
{
    for (size_t i = 0; i < zones->n_flushes; i++) {
        free(zones->flushes[i].name);
    }
    free(zones->flushes);
}

static void
set_known(istr name, uint32_t zone)
{
    inc_input_set(&known_zone_table,
                  &(struct known_zone_v) { .name = name, .zone = zone });
}

static bool
is_known(istr name, uint32_t zone)
{
    const struct inc_row *row
        = (name.s ? inc_row_by_key(&known_zone_table,
                                   &(struct known_zone_v) { .name = name })
           : NULL);
    return row && known_zone_untracked(row)->zone == zone;
}

static void
add_flush(struct ofzones *zones, const char *name, uint32_t zone)
{
    if (zones->n_flushes >= zones->allocated_flushes) {
        zones->flushes = x2nrealloc(zones->flushes, &zones->allocated_flushes,
                                    sizeof *zones->flushes);
    }
    zones->flushes[zones->n_flushes++] = (struct zone_flush) {
        .name = xstrdup(name), .zone = zone,
    };
}

/* Nobody waits for the flush any more. */
static void
cancel_flush(struct ofzones *zones, const char *name)
{
    for (size_t i = 0; i < zones->n_flushes; ) {
        struct zone_flush *flush = &zones->flushes[i];
        if (!strcmp(flush->name, name)) {
            free(flush->name);
            *flush = zones->flushes[--zones->n_flushes];
        } else {
            i++;
        }
    }
}

void
ofzones_compare(struct ofzones *zones)
{
    struct inc_row *row;

    while ((row = inc_touched_pop(&zone_table)) != NULL) {
        const struct zone_v *v = zone_untracked(row);

        cancel_flush(zones, v->name.s);
        if (inc_row_is_dead(row)) {
            inc_input_unset(&known_zone_table,
                            &(struct known_zone_v) { .name = v->name });
            inc_row_release(row);
        } else if (is_known(v->name, v->zone)) {
            /* Nothing new. */
        } else if (!v->zone || is_known(v->old_name, v->zone)) {
            /* Zone 0 is the host's: its connections are not ours to cut. */
            set_known(v->name, v->zone);
        } else {
            add_flush(zones, v->name.s, v->zone);
        }
    }
}

struct ofpbuf *
ofzones_encode_flush(const struct ofzones *zones, size_t i)
{
    struct ofpbuf *msg = ofpraw_alloc(OFPRAW_NXT_CT_FLUSH_ZONE, OFP15_VERSION,
                                      0);
    struct nx_zone_id *id = ofpbuf_put_zeros(msg, sizeof *id);
    id->zone_id = htons(zones->flushes[i].zone);
    return msg;
}

void
ofzones_flushed(struct ofzones *zones)
{
    for (size_t i = 0; i < zones->n_flushes; i++) {
        struct zone_flush *flush = &zones->flushes[i];
        set_known(istr_intern(flush->name), flush->zone);
        free(flush->name);
    }
    zones->n_flushes = 0;
    istr_pool_reset();
}

void
ofzones_purge(void)
{
    struct inc_row *row;

    HMAP_FOR_EACH_SAFE (row, node, &known_zone_table.rows) {
        istr name = known_zone_untracked(row)->name;
        const struct inc_row *wanted
            = inc_row_by_key(&zone_table, &(struct zone_v) { .name = name });
        if (!wanted || inc_row_is_dead(wanted)) {
            inc_input_unset(&known_zone_table,
                            &(struct known_zone_v) { .name = name });
        }
    }
}
