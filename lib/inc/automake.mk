lib_libovn_la_SOURCES += \
	lib/inc/diag.c \
	lib/inc/exec.c \
	lib/inc/explain.c \
	lib/inc/field.c \
	lib/inc/inc-private.h \
	lib/inc/inc-table.h \
	lib/inc/inc.c \
	lib/inc/inc.h \
	lib/inc/index.c \
	lib/inc/pool.c \
	lib/inc/slab.c \
	lib/inc/slot.c \
	lib/inc/table.c \
	lib/inc/verify.c \
	lib/inc/watch.c
