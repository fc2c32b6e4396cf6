lib_libovn_la_SOURCES += \
	lib/db/compare.c \
	lib/db/count.c \
	lib/db/db-private.h \
	lib/db/db.c \
	lib/db/db.h \
	lib/db/mirror.c \
	lib/db/reply.c \
	lib/db/show.c \
	lib/db/sink.c \
	lib/db/stale.c \
	lib/db/suspect.c \
	lib/db/text.c \
	lib/db/txn.c \
	lib/db/uuid.c
