#pragma once
#include <string.h>
#include <zlib.h>

/// deflateInit2 is a macro, which Swift cannot import. `windowBits` of 15 + 16 writes the gzip format (RFC 1952).
static inline int czlib_deflate_init_gzip(z_stream *stream, int level) {
    memset(stream, 0, sizeof *stream);
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
}
