/* Chosen uuids: the same row gets the same uuid in every process and at every
 * start, so that rules know the uuids of rows before the database does. */
#include <config.h>

#include "lib/db/db.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "byte-order.h"
#include "hash.h"
#include "lib/db/db-private.h"
#include "openvswitch/hmap.h"
#include "util.h"
#include "uuid.h"

/* A row whose uuid is not the one that its key would give it. */
struct db_adoption {
    struct hmap_node node;      /* In table->adoptions, by hash of 'key'. */
    struct uuid uuid;
    char key[];
};

static uint64_t
fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128) a * b;
    return (uint64_t) product ^ (uint64_t) (product >> 64);
}

/* Returns a uuid that is a function of 'ns' and the 'n' bytes at 'data' only,
 * on any machine (lib/hash.h takes what suits the CPU best).
 *
 * Two lanes of multiply-and-fold over 16 bytes a step give 128 bits, of which
 * 122 remain: among 10^9 rows, two are equal with a probability of 10^-19. */
struct uuid
db_hash_uuid(const char *ns, const void *data, size_t n)
{
    static const uint64_t k[4] = {
        UINT64_C(0xa0761d6478bd642f), UINT64_C(0xe7037ed1a0b428db),
        UINT64_C(0x8ebc6af09c88c6e3), UINT64_C(0x589965cc75374cc3),
    };
    uint64_t h1 = k[0], h2 = k[1];
    size_t total = 0;

    for (int part = 0; part < 2; part++) {
        const char *p = part ? data : ns;
        size_t left = part ? n : strlen(ns);

        total = total * 31 + left;
        while (left) {
            size_t chunk = MIN(left, 16);
            ovs_be64 block[2] = { 0, 0 };
            memcpy(block, p, chunk);

            uint64_t a = ntohll(block[0]);
            uint64_t b = ntohll(block[1]);
            h1 = fold(h1 ^ a ^ k[2], b ^ k[3]) + (h1 << 23 | h1 >> 41);
            h2 = fold(h2 ^ b ^ k[0], a ^ k[1]) + (h2 << 29 | h2 >> 35);
            p += chunk;
            left -= chunk;
        }
        h1 ^= k[part];
        h2 += k[part + 2];
    }
    h1 = fold(h1 ^ total, k[1]);
    h2 = fold(h2 + total, k[2]);

    uint64_t x = fold(h1 ^ h2, k[3]) ^ h1;
    uint64_t y = fold(h2 + h1, k[0]) ^ h2;
    struct uuid uuid = { .parts = { x >> 32, x, y >> 32, y } };

    /* Version 8 (for uses of one's own) and variant (RFC 9562). */
    uuid.parts[1] = (uuid.parts[1] & ~0xf000u) | 0x8000;
    uuid.parts[2] = (uuid.parts[2] & ~0xc0000000u) | 0x80000000;
    return uuid;
}

static const struct db_adoption *
find_adoption(const struct db_table *table, const char *key)
{
    const struct db_adoption *a;

    HMAP_FOR_EACH_WITH_HASH (a, node, hash_string(key, 0),
                             &table->adoptions) {
        if (!strcmp(a->key, key)) {
            return a;
        }
    }
    return NULL;
}

struct uuid
db_uuid_for(const struct db_table *table, const char *fmt, ...)
{
    char stub[256];
    char *key = stub;
    va_list args;

    va_start(args, fmt);
    int n = vsnprintf(stub, sizeof stub, fmt, args);
    va_end(args);
    if (n >= sizeof stub) {
        va_start(args, fmt);
        key = xvasprintf(fmt, args);
        va_end(args);
    }

    const struct db_adoption *a = (hmap_is_empty(&table->adoptions) ? NULL
                                   : find_adoption(table, key));
    struct uuid uuid = a ? a->uuid : db_hash_uuid(table->name, key, n);
    if (key != stub) {
        free(key);
    }
    return uuid;
}

void
db_adopt(struct db_table *table,
         bool (*key)(const struct db_row *, struct ds *))
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    const struct db_row *row;

    DB_FOR_EACH (row, table) {
        ds_clear(&ds);
        if (!key(row, &ds)) {
            continue;
        }

        const char *s = ds_cstr(&ds);
        struct uuid dflt = db_hash_uuid(table->name, s, ds.length);
        struct db_adoption *a = CONST_CAST(struct db_adoption *,
                                           find_adoption(table, s));
        if (a) {
            /* Of several rows, the lowest uuid, but ours before others. */
            if (!uuid_equals(&a->uuid, &dflt)
                && (uuid_equals(&row->uuid, &dflt)
                    || uuid_compare_3way(&row->uuid, &a->uuid) < 0)) {
                a->uuid = row->uuid;
            }
        } else {
            a = xmalloc(sizeof *a + ds.length + 1);
            a->uuid = row->uuid;
            memcpy(a->key, s, ds.length + 1);
            hmap_insert(&table->adoptions, &a->node, hash_string(s, 0));
        }
    }
    ds_destroy(&ds);

    /* What the key gives anyway need not be remembered. */
    struct db_adoption *a;
    HMAP_FOR_EACH_SAFE (a, node, &table->adoptions) {
        struct uuid dflt = db_hash_uuid(table->name, a->key, strlen(a->key));
        if (uuid_equals(&a->uuid, &dflt)) {
            hmap_remove(&table->adoptions, &a->node);
            free(a);
        }
    }
    hmap_shrink(&table->adoptions);
}

void
db_adopt_clear(struct db_table *table)
{
    struct db_adoption *a;

    HMAP_FOR_EACH_POP (a, node, &table->adoptions) {
        free(a);
    }
    hmap_shrink(&table->adoptions);
}

void
db_adoptions_destroy(struct db_table *table)
{
    db_adopt_clear(table);
    hmap_destroy(&table->adoptions);
    hmap_init(&table->adoptions);
}
