/* DOC: meters
 *
 * Those that some flow of this chassis uses become OpenFlow meters, which go
 * by name: flows depend on whether a meter is there, not on its bands. */
#include <config.h>
#include "controller/model/meter.h"

#include "controller/out/ofgroups.h"
#include "controller/rule.h"

INC_TABLE_DEFINE(meter, METER_FIELDS, .kind = INC_DERIVED);

/* All who want it want the same. */
static void
merge_meter_use(const void *const *in OVS_UNUSED, size_t n OVS_UNUSED,
                void *out OVS_UNUSED)
{
}
INC_TABLE_DEFINE(meter_use, METER_USE_FIELDS, .kind = INC_DERIVED,
                 .combine = INC_MERGE, .merge = merge_meter_use);

static void
meter_name_key(const void *v_, struct inc_keys *keys)
{
    const struct meter_v *v = v_;
    inc_keys_add_istr(keys, v->name);
}
struct inc_index meter_by_name = {
    .name = "meter_by_name", .table = &meter_table, .keys = meter_name_key,
};

static const struct meter *
find_meter(const char *name)
{
    return inc_find_one(&meter_by_name, name, strlen(name));
}

/* ---- Southbound rows. ---- */

/* Appends the bands.  Returns an error, to be freed by the caller, or NULL. */
static char *
format_bands(const struct sb_meter *meter, bool *burst, struct ds *s)
{
    const struct ovsdb_datum *bands = sb_meter_bands(meter);
    size_t n = 0;

    for (size_t i = 0; i < db_n(bands); i++) {
        const struct sb_meter_band *band
            = sb_meter_band_get(db_ref(bands, i));
        if (!band) {
            continue;
        }
        int64_t rate = sb_meter_band_rate(band);
        int64_t burst_size = sb_meter_band_burst_size(band);
        if (strcmp(sb_meter_band_action(band), "drop")) {
            return xasprintf("a band's action \"%s\" is not drop",
                             sb_meter_band_action(band));
        } else if (rate <= 0 || rate > UINT32_MAX || burst_size < 0
                   || burst_size > UINT32_MAX) {
            return xstrdup("a band's rate is out of range");
        }
        ds_put_format(s, "%stype=drop rate=%"PRId64, n++ ? " " : "", rate);
        if (burst_size) {
            ds_put_format(s, " burst_size=%"PRId64, burst_size);
            *burst = true;
        }
    }
    return n ? NULL : xstrdup("it has no band");
}

static void
run_meters(const void *row)
{
    const struct sb_meter *meter = row;
    const char *unit = sb_meter_unit(meter);
    struct ds bands = DS_EMPTY_INITIALIZER;
    bool burst = false;
    char *error = (strcmp(unit, "kbps") && strcmp(unit, "pktps")
                   ? xasprintf("unit \"%s\" is neither kbps nor pktps", unit)
                   : format_bands(meter, &burst, &bands));

    if (error) {
        invalid(meter, "%s; the meter is left out", error);
        free(error);
    } else {
        emit_meter(&(struct meter_v) {
            .name = istr_intern(sb_meter_name(meter)),
            .text = istr_fmt("%s%s,bands=%s", unit, burst ? ",burst" : "",
                             ds_cstr(&bands)),
        });
    }
    ds_destroy(&bands);
}
const struct inc_rule meters = {
    .name = "meters", .driver = &sb_meter_table.inc, .run = run_meters,
};

/* ---- Use. ---- */

uint32_t
meter_want_by_name(const char *name)
{
    if (!find_meter(name)) {
        return 0;
    }
    uint32_t id = ofid_of(OFID_METER, name);
    emit_meter_use(&(struct meter_use_v) {
        .name = istr_intern(name), .id = id,
    });
    return id;
}

uint32_t
meter_want_by_rate(uint64_t rate, uint64_t burst)
{
    istr text = (burst
                 ? istr_fmt("kbps,burst,bands=type=drop rate=%"PRIu64
                            " burst_size=%"PRIu64, rate, burst)
                 : istr_fmt("kbps,bands=type=drop rate=%"PRIu64, rate));
    /* No row has such a name: northd refuses it. */
    istr name = istr_fmt("__string: %s", text.s);
    uint32_t id = ofid_of(OFID_METER, name.s);
    emit_ofmeter(&(struct ofmeter_v) { .id = id, .text = text });
    return id;
}

static void
run_used_meters(const void *row)
{
    const struct meter_use *use = row;
    const struct meter *meter = find_meter(meter_use_name(use).s);

    if (meter) {
        emit_ofmeter(&(struct ofmeter_v) {
            .id = meter_use_id(use), .text = meter_text(meter),
        });
    }
}
const struct inc_rule used_meters = {
    .name = "used_meters", .driver = &meter_use_table,
    .run = run_used_meters,
};
