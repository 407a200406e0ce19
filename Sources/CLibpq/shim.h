#include <libpq-fe.h>

// Swift does not import macros that are character literals.
static const int libpq_diag_sqlstate = PG_DIAG_SQLSTATE;
static const int libpq_diag_message_primary = PG_DIAG_MESSAGE_PRIMARY;
static const int libpq_diag_severity = PG_DIAG_SEVERITY_NONLOCALIZED;
