/* The Geneve option that carries the logical ports of a packet between chassis
 * (reference F1), which the switch has to be told of. */
#ifndef CONTROLLER_OUT_OFTLV_H
#define CONTROLLER_OUT_OFTLV_H 1

struct ofp_header;
struct ofpbuf;

/* Asks for the table of options. */
struct ofpbuf *oftlv_encode_request(void);

/* Makes sure that our option is tun_metadata0; options that others have mapped
 * stay.  Returns a message for the switch, or NULL if it is so already. */
struct ofpbuf *oftlv_handle_reply(const struct ofp_header *);

#endif /* controller/out/oftlv.h */
