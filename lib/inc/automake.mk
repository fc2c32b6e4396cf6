lib_libovn_la_SOURCES += \
	lib/inc/inc-table.h \
	lib/inc/inc.h
