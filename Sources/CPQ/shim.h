#pragma once
#include <libpq-fe.h>

/// PG_DIAG_SQLSTATE is a character constant, which Swift cannot import.
static inline const char *cpq_result_state(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}
