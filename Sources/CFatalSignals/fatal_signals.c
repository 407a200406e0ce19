#define _GNU_SOURCE
#include "fatal_signals.h"

#include <dlfcn.h>
#include <elf.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { FRAMES_MAX = 64, SECONDS_MAX = 2, STACK_BYTES = 64 * 1024 };

static const int fatal_signals[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};

/* What the handler reads, made before it can run: it must not allocate, and takes no lock but the dynamic loader's. */
static struct {
    uintptr_t base;          /* where the program was loaded */
    const char *name;        /* of the program's file */
    const ElfW(Sym) *symbols;
    size_t symbol_count;
    const char *strings;
    size_t string_bytes;
} program;

static atomic_int reported_signal;

/* ---- text: snprintf(3) is not async-signal-safe (signal-safety(7)) ---- */

struct line {
    char bytes[1024];
    size_t count;
};

static void add(struct line *line, const char *text) {
    while (*text && line->count < sizeof line->bytes - 1) line->bytes[line->count++] = *text++;
}

static void add_number(struct line *line, uintptr_t number, unsigned radix) {
    char digits[24];
    size_t at = sizeof digits;
    digits[--at] = 0;
    do digits[--at] = "0123456789abcdef"[number % radix];
    while (number /= radix);
    add(line, digits + at);
}

static void end_line(struct line *line) {
    line->bytes[line->count++] = '\n';
    for (size_t done = 0; done < line->count;) {
        ssize_t count = write(STDERR_FILENO, line->bytes + done, line->count - done);
        if (count <= 0) break;
        done += (size_t)count;
    }
    line->count = 0;
}

/* ---- names ---- */

/* The function that holds the program's `offset`, from the symbol table of its file: the dynamic one names little of an executable. */
static const ElfW(Sym) *symbol_at(uintptr_t offset) {
    for (size_t index = 0; index < program.symbol_count; index++) {
        const ElfW(Sym) *symbol = &program.symbols[index];
        if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_name >= program.string_bytes) continue;
        if (offset >= symbol->st_value && offset - symbol->st_value < symbol->st_size) return symbol;
    }
    return NULL;
}

static const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void report_frame(unsigned number, uintptr_t address, int is_return_address) {
    struct line line = {.count = 0};
    /* A call that never returns may be the last instruction of its function. */
    uintptr_t inside = address - (is_return_address ? 1 : 0);
    Dl_info info = {0};
    if (dladdr((void *)inside, &info) == 0) info.dli_fname = "?";
    int is_program = (uintptr_t)info.dli_fbase == program.base;
    add(&line, number < 10 ? "    " : "   ");
    add_number(&line, number, 10);
    add(&line, " ");
    add(&line, is_program ? program.name : file_name(info.dli_fname));
    add(&line, "+0x");
    add_number(&line, inside - (uintptr_t)info.dli_fbase, 16);
    const ElfW(Sym) *symbol = is_program ? symbol_at(inside - program.base) : NULL;
    if (symbol || info.dli_sname) {
        add(&line, " ");
        add(&line, symbol ? program.strings + symbol->st_name : info.dli_sname);
    }
    end_line(&line);
}

/* ---- the handler ---- */

static const char *signal_name(int number) {
    switch (number) {
        case SIGQUIT: return "SIGQUIT";
        case SIGILL: return "SIGILL";
        case SIGTRAP: return "SIGTRAP";
        case SIGABRT: return "SIGABRT";
        case SIGBUS: return "SIGBUS";
        case SIGFPE: return "SIGFPE";
        default: return "SIGSEGV";
    }
}

static uintptr_t instruction(const ucontext_t *context) {
#if defined(__x86_64__)
    return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (uintptr_t)context->uc_mcontext.pc;
#else
    return 0;
#endif
}

static void report(int number, const siginfo_t *info, const ucontext_t *context) {
    struct line line = {.count = 0};
    char thread[17] = "";
    prctl(PR_GET_NAME, thread);
    uintptr_t crashed_at = instruction(context);
    add(&line, program.name);
    add(&line, " crashed: signal ");
    add_number(&line, (uintptr_t)number, 10);
    add(&line, " (");
    add(&line, signal_name(number));
    /* A signal that somebody sent says who, one of the machine's says where (sigaction(2)). */
    if (info->si_code <= 0) {
        add(&line, ") from process ");
        add_number(&line, (uintptr_t)info->si_pid, 10);
    } else {
        add(&line, ") at address 0x");
        add_number(&line, (uintptr_t)info->si_addr, 16);
    }
    add(&line, "; backtrace of thread ");
    add_number(&line, (uintptr_t)syscall(SYS_gettid), 10);
    add(&line, " (");
    add(&line, thread);
    add(&line, "):");
    end_line(&line);

    void *frames[FRAMES_MAX];
    int count = backtrace(frames, FRAMES_MAX);
    /* The first ones are of this handler. */
    int first = 0;
    while (first < count && (uintptr_t)frames[first] != crashed_at) first++;
    if (first == count) {
        report_frame(0, crashed_at, 0);
        return;
    }
    for (int index = first; index < count; index++) report_frame((unsigned)(index - first), (uintptr_t)frames[index], index > first);
}

static void end_by(int number) {
    signal(number, SIG_DFL);
    /* Blocked while its handler runs: it takes effect when that returns. */
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), number);
}

static void on_fatal_signal(int number, siginfo_t *info, void *context) {
    int none = 0;
    if (!atomic_compare_exchange_strong(&reported_signal, &none, number)) {
        /* Another thread reports, and ends us all. */
        for (;;) pause();
    }
    alarm(SECONDS_MAX);
    report(number, info, context);
    end_by(number);
}

/* The report is stuck: nobody reads standard error, or the crash left a lock behind. */
static void on_alarm(int number) {
    (void)number;
    int reported = atomic_load(&reported_signal);
    if (!reported) return;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, reported);
    signal(reported, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), reported);
}

/* ---- the beginning ---- */

/* Maps the program's file and finds its symbol table, which is not there when it was stripped; pages are read when they are looked at. */
static void find_symbols(void) {
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0) return;
    if (fstat(file, &status) == 0 && (size_t)status.st_size > sizeof(ElfW(Ehdr))) {
        size_t size = (size_t)status.st_size;
        const char *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
        if (bytes != MAP_FAILED) {
            const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)bytes;
            const ElfW(Shdr) *sections = (const ElfW(Shdr) *)(bytes + header->e_shoff);
            int is_whole = header->e_shoff < size && (size - header->e_shoff) / sizeof *sections >= header->e_shnum;
            for (size_t index = 0; is_whole && index < header->e_shnum; index++) {
                const ElfW(Shdr) *table = &sections[index];
                if (table->sh_type != SHT_SYMTAB || table->sh_link >= header->e_shnum) continue;
                const ElfW(Shdr) *strings = &sections[table->sh_link];
                if (table->sh_offset > size || table->sh_size > size - table->sh_offset) continue;
                if (strings->sh_offset > size || strings->sh_size > size - strings->sh_offset) continue;
                program.symbols = (const ElfW(Sym) *)(bytes + table->sh_offset);
                program.symbol_count = table->sh_size / sizeof(ElfW(Sym));
                program.strings = bytes + strings->sh_offset;
                program.string_bytes = strings->sh_size;
            }
        }
    }
    close(file);
}

/* The first object is the program (dl_iterate_phdr(3)). */
static int take_first(struct dl_phdr_info *info, size_t size, void *data) {
    (void)size;
    (void)data;
    program.base = info->dlpi_addr;
    return 1;
}

void report_fatal_signals(void) {
    static char name[256];
    ssize_t count = readlink("/proc/self/exe", name, sizeof name - 1);
    program.name = count > 0 ? file_name(name) : "?";
    dl_iterate_phdr(take_first, NULL);
    find_symbols();
    /* Loads the unwinder, which a handler must not do. */
    void *frame;
    backtrace(&frame, 1);

    stack_t stack;
    if (sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_DISABLE)) {
        static char bytes[STACK_BYTES];
        stack = (stack_t){.ss_sp = bytes, .ss_size = sizeof bytes};
        sigaltstack(&stack, NULL);
    }
    struct sigaction alarmed = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &alarmed, NULL);
    struct sigaction action = {.sa_sigaction = on_fatal_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    for (size_t index = 0; index < sizeof fatal_signals / sizeof *fatal_signals; index++) sigaction(fatal_signals[index], &action, NULL);
}
