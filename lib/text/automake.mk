lib_libovn_la_SOURCES += \
	lib/text/istr.c \
	lib/text/istr.h
