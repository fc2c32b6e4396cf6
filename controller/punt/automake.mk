# Of ovn-controller and of tests/test-ovn.
controller_punt_sources = \
    controller/punt/advertise.c \
    controller/punt/advertise.h \
    controller/punt/ages.c \
    controller/punt/ages.h \
    controller/punt/announce.c \
    controller/punt/announce.h \
    controller/punt/arp.c \
    controller/punt/bfd.c \
    controller/punt/bfd.h \
    controller/punt/error.c \
    controller/punt/handler.h \
    controller/punt/handlers.c \
    controller/punt/learned.c \
    controller/punt/learned.h \
    controller/punt/limit.c \
    controller/punt/limit.h \
    controller/punt/nd_na.c \
    controller/punt/neighbor.h \
    controller/punt/neighbors.c \
    controller/punt/neighbors.h \
    controller/punt/post.c \
    controller/punt/post.h \
    controller/punt/put_fdb.c \
    controller/punt/put_fdb.h \
    controller/punt/put_mac.c \
    controller/punt/ra_reply.c \
    controller/punt/thread.c \
    controller/punt/thread.h \
    controller/punt/used.c \
    controller/punt/used.h \
    controller/punt/waiting.c \
    controller/punt/waiting.h
