lib_libovn_la_SOURCES += \
	lib/text/addresses.c \
	lib/text/addresses.h \
	lib/text/arena.c \
	lib/text/arena.h \
	lib/text/constant.c \
	lib/text/expr-cube.c \
	lib/text/expr-evaluate.c \
	lib/text/expr-format.c \
	lib/text/expr-matches.c \
	lib/text/expr-norm.c \
	lib/text/expr-normalize.c \
	lib/text/expr-normalize.h \
	lib/text/expr-parse.c \
	lib/text/expr-private.h \
	lib/text/expr-product.c \
	lib/text/expr-values.c \
	lib/text/expr.c \
	lib/text/expr.h \
	lib/text/fields.def \
	lib/text/istr.c \
	lib/text/istr.h \
	lib/text/lex.c \
	lib/text/lex.h \
	lib/text/symtab.c \
	lib/text/symtab.h \
	lib/text/wide.h
