lib_libovn_la_SOURCES +=
