/* Which neighbors are in use, as the switch's counters tell. */
#ifndef CONTROLLER_PUNT_USED_H
#define CONTROLLER_PUNT_USED_H 1

struct ofpbuf;
struct post;

/* For "struct used_neighbor"s. */
struct post *used_post_create(void);

/* A request for the statistics of known neighbors. */
struct ofpbuf *used_request(void);

/* Posts what is in the answer. */
void used_take(const struct ofpbuf *reply, struct post *);

#endif /* controller/punt/used.h */
