#ifndef FATAL_SIGNALS_H
#define FATAL_SIGNALS_H

/// Has the process report a crash by itself, on standard error: one line that names the signal, and one per frame of the thread that crashed. Then it ends
/// by that signal, at once; after two seconds also if nobody reads standard error.
///
/// Nothing is started for it, so no child holds the process's sockets, and no register or piece of memory is printed, which may hold a token or a password.
///
/// To be called once, before there are other threads. Threads that overflow their stack end the process without a report, as the handler needs one, too.
void report_fatal_signals(void);

#endif
