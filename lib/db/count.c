/* Counters of transactions, by the names that those of the library's IDL have
 * in "coverage/show", which is where monitoring systems look.
 *
 * The IDL's own counters are in this program, too, if it is linked in.  They
 * stay at zero, are not shown for that, and come later in the list, so that
 * "coverage/read-counter" finds ours. */
#include <config.h>

#include "lib/db/db-private.h"

#include "coverage.h"
#include "ovs-thread.h"

/* As COVERAGE_DEFINE(), but for the counter's name. */
#define TXN_COUNTER(NAME)                                               \
    DEFINE_STATIC_PER_THREAD_DATA(unsigned int, db_##NAME, 0);          \
    static unsigned int                                                 \
    db_##NAME##_take(void)                                              \
    {                                                                   \
        unsigned int *n = db_##NAME##_get();                            \
        unsigned int taken = *n;                                        \
        *n = 0;                                                         \
        return taken;                                                   \
    }                                                                   \
    static struct coverage_counter db_##NAME##_counter = {              \
        #NAME, db_##NAME##_take, 0, 0, { 0 }, { 0 }                     \
    };                                                                  \
    OVS_CONSTRUCTOR(db_##NAME##_init)                                   \
    {                                                                   \
        coverage_counter_register(&db_##NAME##_counter);                \
    }

TXN_COUNTER(txn_success)
TXN_COUNTER(txn_unchanged)
TXN_COUNTER(txn_incomplete)
TXN_COUNTER(txn_try_again)
TXN_COUNTER(txn_error)

void
db_count_txn(enum txn_fate fate)
{
    switch (fate) {
    case TXN_FATE_SUCCESS: ++*db_txn_success_get(); break;
    case TXN_FATE_UNCHANGED: ++*db_txn_unchanged_get(); break;
    case TXN_FATE_SENT: ++*db_txn_incomplete_get(); break;
    case TXN_FATE_AGAIN: ++*db_txn_try_again_get(); break;
    case TXN_FATE_ERROR: ++*db_txn_error_get(); break;
    }
}
