/* put_fdb(PORT, MAC): a MAC has been seen behind a port. */
#include <config.h>
#include "controller/punt/put_fdb.h"

#include "controller/punt/handler.h"
#include "controller/punt/post.h"
#include "packets.h"
#include "util.h"

/* MACs that wait for the main thread. */
#define MAX_FDBS 1000

struct post *
put_fdb_post_create(void)
{
    return post_create(sizeof(struct put_fdb),
                       OFFSETOFEND(struct put_fdb, mac), MAX_FDBS);
}

static const char *
run_put_fdb(const struct punt_packet *p, struct punt_result *result)
{
    struct put_fdb fdb = {
        .mac = p->headers.dl_src,
        .port_key = p->md.regs[14],
    };

    if (!punt_datapath(p, &fdb.dp_key)) {
        return "no datapath";
    }
    if (!fdb.port_key) {
        return "no port";
    }
    if (eth_addr_is_multicast(fdb.mac) || eth_addr_is_zero(fdb.mac)) {
        return "not the Ethernet address of a node";
    }
    result->dropped = !post_put(result->env->fdbs, &fdb);
    return NULL;
}

const struct punt_handler put_fdb_handler = {
    .opcode = PUNT_PUT_FDB, .rate = 1000, .run = run_put_fdb,
};
