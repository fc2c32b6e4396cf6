lib_libovn_la_SOURCES += \
	lib/actions/actions-private.h \
	lib/actions/actions.c \
	lib/actions/actions.def \
	lib/actions/actions.h \
	lib/actions/assign.c \
	lib/actions/ct.c \
	lib/actions/dhcp.c \
	lib/actions/encode.c \
	lib/actions/fdb.c \
	lib/actions/fields.c \
	lib/actions/flow.c \
	lib/actions/group.c \
	lib/actions/lb.c \
	lib/actions/nd-ra.c \
	lib/actions/neighbor.c \
	lib/actions/options.c \
	lib/actions/options.h \
	lib/actions/parse.c \
	lib/actions/punt.c \
	lib/actions/punt.h \
	lib/actions/qos.c \
	lib/actions/service.c
