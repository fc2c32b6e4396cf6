#include <config.h>
#include "controller/out/oftlv.h"

#include "openflow/nicira-ext.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-match.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"

VLOG_DEFINE_THIS_MODULE(oftlv);

#define OVN_GENEVE_CLASS 0x0102
#define OVN_GENEVE_TYPE 0x80
#define OVN_GENEVE_LEN 4
#define OVN_GENEVE_INDEX 0          /* tun_metadata0. */

struct ofpbuf *
oftlv_encode_request(void)
{
    return ofpraw_alloc(OFPRAW_NXT_TLV_TABLE_REQUEST, OFP15_VERSION, 0);
}

static struct ofpbuf *
encode_mapping(void)
{
    struct ofputil_tlv_map map = {
        .option_class = OVN_GENEVE_CLASS, .option_type = OVN_GENEVE_TYPE,
        .option_len = OVN_GENEVE_LEN, .index = OVN_GENEVE_INDEX,
    };
    struct ofputil_tlv_table_mod mod = { .command = NXTTMC_ADD };

    ovs_list_init(&mod.mappings);
    ovs_list_push_back(&mod.mappings, &map.list_node);
    return ofputil_encode_tlv_table_mod(OFP15_VERSION, &mod);
}

struct ofpbuf *
oftlv_handle_reply(const struct ofp_header *oh)
{
    struct ofputil_tlv_table_reply reply;
    enum ofperr error = ofputil_decode_tlv_table_reply(oh, &reply);
    if (error) {
        VLOG_WARN("bad reply about the Geneve option table: %s",
                  ofperr_to_string(error));
        return NULL;
    }

    const struct ofputil_tlv_map *map;
    bool wanted = true;
    LIST_FOR_EACH (map, list_node, &reply.mappings) {
        bool ours = (map->option_class == OVN_GENEVE_CLASS
                     && map->option_type == OVN_GENEVE_TYPE);
        if (!ours && map->index != OVN_GENEVE_INDEX) {
            continue;
        }
        wanted = false;
        if (!ours || map->index != OVN_GENEVE_INDEX
            || map->option_len != OVN_GENEVE_LEN) {
            VLOG_WARN("tun_metadata%d of the integration bridge is mapped to "
                      "Geneve option class %#x, type %#x, length %d, which is "
                      "in the way of OVN's own option: Geneve tunnels will "
                      "not work", map->index, map->option_class,
                      map->option_type, map->option_len);
        }
    }
    ofputil_uninit_tlv_table(&reply.mappings);
    return wanted ? encode_mapping() : NULL;
}
