# Of ovn-controller and of tests/test-ovn.
controller_punt_sources = \
    controller/punt/handler.h \
    controller/punt/handlers.c \
    controller/punt/learned.c \
    controller/punt/learned.h \
    controller/punt/nd_na.c \
    controller/punt/put_fdb.c \
    controller/punt/put_fdb.h \
    controller/punt/thread.c \
    controller/punt/thread.h
