lib_libovn_la_SOURCES += \
	lib/net/bfd.c \
	lib/net/bfd.h \
	lib/net/error.c \
	lib/net/error.h \
	lib/net/frame.c \
	lib/net/frame.h \
	lib/net/neighbor.c \
	lib/net/neighbor.h \
	lib/net/ra.c \
	lib/net/ra.h
