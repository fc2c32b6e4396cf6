/* DOC: answers to router solicitations
 *
 * Router ports that advertise themselves turn a solicitation into an
 * advertisement, RFC 4861, 6.2.6.  Reads what router ports advertise. */
#include <config.h>
#include "northd/features/features.h"

#include "northd/feature.h"
#include "northd/model/port.h"
#include "northd/model/ra.h"
#include "northd/model/router.h"
#include "openvswitch/json.h"

static void
put_string(struct ds *s, const char *option, istr value)
{
    if (!istr_is_empty(value)) {
        ds_put_format(s, ", %s = ", option);
        json_string_escape(value.s, s);
    }
}

static void
put_prefixes(struct ds *s, const char *prefixes)
{
    char *copy = xstrdup(prefixes);
    char *save_ptr = NULL;
    for (const char *prefix = strtok_r(copy, " ", &save_ptr); prefix;
         prefix = strtok_r(NULL, " ", &save_ptr)) {
        ds_put_format(s, ", prefix = %s", prefix);
    }
    free(copy);
}

static istr
advertise(const struct ra *ra, const struct router_port *rp)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, REG_RA_RESULT" = put_nd_ra_opts(addr_mode = \"%s\", "
                  "slla = %s", ra_mode(ra).s, router_port_mac_text(rp).s);
    if (ra_mtu(ra)) {
        ds_put_format(&s, ", mtu = %"PRIu32, ra_mtu(ra));
    }
    put_string(&s, "router_preference", ra_preference(ra));
    if (!istr_is_empty(ra_rdnss(ra))) {
        ds_put_format(&s, ", rdnss = %s", ra_rdnss(ra).s);
    }
    put_string(&s, "dnssl", ra_dnssl(ra));
    put_string(&s, "route_info", ra_route_info(ra));
    put_prefixes(&s, ra_prefixes(ra).s);
    ds_put_cstr(&s, "); next;");
    istr result = text(ds_cstr(&s));
    ds_destroy(&s);
    return result;
}

static void
run_lr_ra(const void *row)
{
    const struct ra *ra = row;
    const struct port *port = ra_port(ra);
    const struct router_port *rp = router_port_of(port);
    if (!rp) {
        return;
    }

    struct dps dps = dps_one(port_dp(port));
    istr match = fmt("inport == %s && ip6.dst == ff02::2",
                     router_port_name(rp).s);
    flow(dps, LR_IN_ND_RA_OPTIONS, 50, fmt("%s && nd_rs", match.s),
         advertise(ra, rp), .hint = port_lrp(port));
    flow(dps, LR_IN_ND_RA_RESPONSE, 50,
         fmt("%s && nd_ra && "REG_RA_RESULT, match.s),
         fmt("eth.dst = eth.src; eth.src = %s; ip6.dst = ip6.src; "
             "ip6.src = %s; outport = inport; flags.loopback = 1; output;",
             router_port_mac_text(rp).s, ra_lla(ra).s),
         .hint = port_lrp(port));
}
const struct inc_rule lr_ra = {
    .name = "lr_ra", .driver = &ra_table, .run = run_lr_ra,
};
