#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MAX_SYMBOLS 192

int initialized;

/* $STUB_NVML_CALLS names a directory; each process keeps its counts there in a file of its own,
 * mapped, so that they outlive a kill. The last number of a symbol is for calls about no GPU. */
static struct { char symbol[64]; unsigned long long count[MAX_GPUS + 1]; } *counts;
static int symbol_count;

static void open_counts(void) {
    const char *directory = getenv("STUB_NVML_CALLS");
    char path[512];
    size_t size = sizeof *counts * MAX_SYMBOLS;
    if (counts) return;
    snprintf(path, sizeof path, "%s/%d.calls", directory ? directory : "", (int)getpid());
    int file = directory ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (file >= 0 && !ftruncate(file, size))
        counts = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (file >= 0) close(file);
    if (!counts || counts == MAP_FAILED) counts = calloc(MAX_SYMBOLS, sizeof *counts);
}

static void count_call(int *slot, const char *symbol, int gpu) {
    if (*slot < 0) {
        open_counts();
        *slot = __atomic_fetch_add(&symbol_count, 1, __ATOMIC_RELAXED);
        if (*slot < MAX_SYMBOLS) snprintf(counts[*slot].symbol, 64, "%s", symbol);
    }
    if (*slot < MAX_SYMBOLS)
        __atomic_fetch_add(&counts[*slot].count[gpu < 0 ? MAX_GPUS : gpu], 1, __ATOMIC_RELAXED);
}

static int is_meant(const char *pattern, const char *symbol) {
    size_t length = strlen(pattern), whole = strlen(symbol);
    if (length && pattern[length - 1] == '*') return !strncmp(pattern, symbol, length - 1);
    if (!strcmp(pattern, symbol)) return 1;
    return whole == length + 3 && !strncmp(pattern, symbol, length) && symbol[length] == '_' &&
           symbol[length + 1] == 'v';
}

static int is_meant_gpu(const char *pattern, int gpu) {
    if (!strcmp(pattern, "*")) return 1;
    return strcmp(pattern, "-") ? gpu >= 0 && atoi(pattern) == gpu : gpu < 0;
}

static void wait_ms(int ms) {
    struct timespec left = {ms / 1000, ms % 1000 * 1000000L};
    if (ms < 0) for (;;) pause();
    while (nanosleep(&left, &left) && errno == EINTR) {}
}

static int stumble(const char *word, const char *symbol, int gpu) {
    char function[96], pattern[16];
    for (int nth = 0;; nth++) {
        const char *line = find_line(word, nth);
        int number = 0;
        if (!line) return 0;
        if (sscanf(line, "%95s %15s %d", function, pattern, &number) < 2) continue;
        if (!is_meant(function, symbol) || !is_meant_gpu(pattern, gpu)) continue;
        if (word[0] == 'c') raise(SIGSEGV);
        if (word[0] == 'd') wait_ms(number);
        if (word[0] == 'e') return number;
    }
}

int enter(int *slot, const char *symbol, const struct device *device, int gpu, int needs_init) {
    read_box();
    count_call(slot, symbol, gpu);
    stumble("crash", symbol, gpu);
    stumble("delay", symbol, gpu);
    int code = stumble("error", symbol, gpu);
    if (code) return code;
    if (needs_init && !initialized) return UNINITIALIZED;
    if (gpu == -2) return INVALID_ARGUMENT;
    if (device && device->gpu >= gpu_count()) return GPU_IS_LOST;
    return 0;
}
