#include "box.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define MAX_LINES 2048

static char lines[MAX_LINES][LINE_SIZE];
static int line_count;
static struct device gpus[MAX_GPUS], migs[MAX_GPUS][MAX_MIG];
static struct stat seen;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void read_lines(const char *path) {
    int count = 0;
    FILE *file = fopen(path, "r");
    while (file && count < MAX_LINES && fgets(lines[count], LINE_SIZE, file)) {
        lines[count][strcspn(lines[count], "\n")] = 0;
        count++;
    }
    if (file) fclose(file);
    line_count = count;
    for (int gpu = 0; gpu < MAX_GPUS; gpu++) {
        gpus[gpu] = (struct device){gpu, -1};
        for (int mig = 0; mig < MAX_MIG; mig++) migs[gpu][mig] = (struct device){gpu, mig};
    }
}

void read_box(void) {
    const char *path = getenv("STUB_NVML");
    struct stat now;
    memset(&now, 0, sizeof now);
    if (path) stat(path, &now);
    pthread_mutex_lock(&lock);
    if (path && (now.st_mtim.tv_sec != seen.st_mtim.tv_sec || now.st_ino != seen.st_ino ||
                 now.st_mtim.tv_nsec != seen.st_mtim.tv_nsec || now.st_size != seen.st_size)) {
        seen = now;
        read_lines(path);
    }
    pthread_mutex_unlock(&lock);
}

/* The rest of the nth line that begins with this word. */
const char *find_line(const char *word, int nth) {
    size_t length = strlen(word);
    for (int i = 0; i < line_count; i++)
        if (!strncmp(lines[i], word, length) && lines[i][length] == ' ' && nth-- == 0)
            return lines[i] + length + 1;
    return NULL;
}

int gpu_count(void) {
    int count = 0;
    for (int i = 0; i < line_count; i++) count += !strncmp(lines[i], "gpu", 3) && lines[i][3] <= ' ';
    return count > MAX_GPUS ? MAX_GPUS : count;
}

static const char *gpu_line(int index) {
    for (int i = 0; i < line_count; i++)
        if (!strncmp(lines[i], "gpu", 3) && lines[i][3] <= ' ' && index-- == 0) return lines[i] + 3;
    return NULL;
}

struct device *find_gpu(int index) {
    return index >= 0 && index < gpu_count() ? &gpus[index] : NULL;
}

int is_device(const struct device *device) {
    return (device >= gpus && device < gpus + MAX_GPUS) ||
           (device >= migs[0] && device < migs[0] + MAX_GPUS * MAX_MIG);
}

static const char *mig_line(int gpu, int index) {
    for (int nth = 0;; nth++) {
        const char *line = find_line("mig", nth);
        if (!line) return NULL;
        if (atoi(line) == gpu && index-- == 0) return line;
    }
}

struct device *find_mig(int gpu, int index) {
    return index >= 0 && index < MAX_MIG && mig_line(gpu, index) ? &migs[gpu][index] : NULL;
}

int mig_values(const struct device *device, unsigned *gi, unsigned *ci, double *mib, double *used,
               char *profile) {
    const char *line = mig_line(device->gpu, device->mig);
    if (!line) return NOT_FOUND;
    profile[0] = 0;
    return sscanf(line, "%*d %u %u %lf %lf %31s", gi, ci, mib, used, profile) < 4 ? NOT_FOUND : 0;
}

/* The processes of this device in the list of this kind; '*': of any kind. Returns how many. */
int list_processes(const struct device *device, char kind, struct process *found, int limit) {
    unsigned gi = 0, ci = 0;
    double mib, used;
    char profile[32], memory[32];
    int count = 0;
    if (device->mig >= 0 && mig_values(device, &gi, &ci, &mib, &used, profile)) return 0;
    for (int nth = 0;; nth++) {
        const char *line = find_line("proc", nth);
        struct process process = {0, 0, 0xFFFFFFFF, 0xFFFFFFFF, 0, ""};
        int gpu;
        if (!line) return count;
        if (sscanf(line, "%d %u %31s %7s %u %u %u", &gpu, &process.pid, memory, process.kinds,
                   &process.sm, &process.gi, &process.ci) < 5) continue;
        if (gpu != device->gpu || (kind != '*' && !strchr(process.kinds, kind))) continue;
        if (device->mig >= 0 && (process.gi != gi || process.ci != ci)) continue;
        process.bytes = strcmp(memory, "na") ? strtoull(memory, NULL, 10) << 20 : ~0ULL;
        if (count < limit) found[count] = process;
        count++;
    }
}

static int find_value(const struct device *device, const char *key, char *value) {
    const char *at = gpu_line(device->gpu);
    size_t length = strlen(key);
    while (at && (at = strchr(at, ' '))) {
        at++;
        if (strncmp(at, key, length) || at[length] != '=') continue;
        snprintf(value, LINE_SIZE, "%.*s", (int)strcspn(at + length + 1, " "), at + length + 1);
        return 1;
    }
    return 0;
}

int read_text(const struct device *device, const char *key, const char *fallback, char *text,
              unsigned size) {
    char value[LINE_SIZE];
    unsigned used = 0, code;
    if (!find_value(device, key, value)) {
        if (!fallback) return NOT_SUPPORTED;
        snprintf(value, sizeof value, "%s", fallback);
    }
    if (!strcmp(value, "na")) return NOT_SUPPORTED;
    if (value[0] == '!') return atoi(value + 1);
    if (!size) return INSUFFICIENT_SIZE;
    for (char *at = value; *at && used + 1 < size; at++) {
        if (*at == '%' && sscanf(at + 1, "%2x", &code) == 1) {
            text[used++] = (char)code;
            at += 2;
        } else
            text[used++] = *at;
    }
    text[used] = 0;
    return 0;
}

int read_number(const struct device *device, const char *key, double fallback, double *value) {
    char text[64];
    int code;
    if (isnan(fallback)) code = read_text(device, key, NULL, text, sizeof text);
    else {
        char other[64];
        snprintf(other, sizeof other, "%.9g", fallback);
        code = read_text(device, key, other, text, sizeof text);
    }
    if (!code) *value = strtod(text, NULL);
    return code;
}

double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

int read_moving(const struct device *device, const char *key, double fallback, double share,
                double *value) {
    double wave = 0, period = 20;
    int code = read_number(device, key, fallback, value);
    if (code) return code;
    read_number(device, "wave", 0, &wave);
    read_number(device, "period", 20, &period);
    if (wave > 0) *value += share * wave / 100 * sin(2 * M_PI * now_s() / period + device->gpu);
    return 0;
}
