/* Services of ovn-controller.  What they do depends on what is in packets
 * beyond their headers, so we assume the packet that the flow is meant for. */

#include <config.h>
#include "trace.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* The action becomes a change of the packet, without what gets the result. */
static void
note_service(const struct ovnact *act, struct ovs_list *super)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ovnact_format(act, &s);
    const char *start = strstr(ds_cstr(&s), " = ");
    node_add(super, NODE_CHANGE, "%s", start ? start + 3 : ds_cstr(&s));
    ds_destroy(&s);
}

void
exec_service(struct trace *t, const struct ovnact *act,
             struct packet *p, struct ovs_list *super)
{
    const struct ovnact_options *options = (const void *) act;
    const struct ovnact_dhcp_relay *relay = (const void *) act;
    const struct ovnact_fields *fields = (const void *) act;

    switch ((int) act->type) {
    case OVNACT_PUT_DHCP_OPTS:
        node_add(super, NODE_ERROR, "/* We assume that this packet is "
                 "DHCPDISCOVER or DHCPREQUEST. */");
        packet_replace(t, p, "dhcp_reply", &p->flow);
        ref_set(&options->dst, 1, p);
        note_service(act, super);
        break;

    case OVNACT_PUT_DHCPV6_OPTS:
        packet_replace(t, p, "dhcpv6_reply", &p->flow);
        ref_set(&options->dst, 1, p);
        note_service(act, super);
        break;

    case OVNACT_PUT_ND_RA_OPTS:
        packet_replace(t, p, "nd_ra", &p->flow);
        p->flow.tp_src = htons(134);
        ref_set(&options->dst, 1, p);
        note_service(act, super);
        break;

    case OVNACT_DHCP_RELAY_REQ_CHK:
        ref_set(&relay->dst, 1, p);
        note_service(act, super);
        break;

    case OVNACT_DHCP_RELAY_RESP_CHK:
        ref_set(&relay->dst, 1, p);
        note_service(act, super);
        break;

    case OVNACT_DNS_LOOKUP:
        ref_set(&fields->dst, 0, p);
        node_add(super, NODE_NOTE,
                 "/* assuming that OVN does not know the name */");
        break;

    /* The others take the packet in. */
    }
}
