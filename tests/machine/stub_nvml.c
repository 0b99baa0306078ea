/* A small driver library for tests: what it says is described by the file $STUB_NVML, one line a
 * call: "cuda 12040", "driver 550.54.15", "gpu NAME MAJOR MINOR BYTES", "init CODE",
 * "hang FUNCTION", "crash FUNCTION", "error FUNCTION CODE". */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct { unsigned long long total, free, used; } memory_v1;
static char lines[64][256];
static int count = -1;

static void load(void) {
    if (count >= 0) return;
    count = 0;
    FILE *box = fopen(getenv("STUB_NVML"), "r");
    while (box && count < 64 && fgets(lines[count], 256, box)) count++;
    if (box) fclose(box);
}

static int fault(const char *function) {
    char word[64], name[64];
    int code;
    load();
    for (int i = 0; i < count; i++) {
        code = 0;
        if (sscanf(lines[i], "%63s %63s %d", word, name, &code) < 2 || strcmp(name, function)) continue;
        if (!strcmp(word, "hang")) for (;;) pause();
        if (!strcmp(word, "crash")) raise(SIGSEGV);
        if (!strcmp(word, "error")) return code;
    }
    return 0;
}

static const char *find(const char *word, int index) {
    load();
    for (int i = 0; i < count; i++)
        if (!strncmp(lines[i], word, strlen(word)) && index-- == 0) return lines[i] + strlen(word) + 1;
    return NULL;
}

#define CHECK(name) do { int code = fault(name); if (code) return code; } while (0)

int nvmlInitWithFlags(unsigned flags) { (void)flags; CHECK("init"); return 0; }
int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
int nvmlShutdown(void) { return 0; }
const char *nvmlErrorString(int code) { (void)code; return "stub says no"; }
int nvmlSystemGetDriverVersion(char *text, unsigned size) {
    CHECK("driver");
    const char *found = find("driver", 0);
    snprintf(text, size, "%.*s", (int)strcspn(found ? found : "", "\n"), found ? found : "");
    return 0;
}
int nvmlSystemGetCudaDriverVersion_v2(int *version) {
    CHECK("cuda");
    *version = atoi(find("cuda", 0));
    return 0;
}
int nvmlDeviceGetCount_v2(unsigned *number) {
    CHECK("count");
    for (*number = 0; find("gpu", *number); ++*number) {}
    return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **handle) {
    char name[32];
    snprintf(name, sizeof name, "handle%u", index);
    CHECK(name);
    *handle = (void *)find("gpu", index);
    return *handle ? 0 : 2;
}
int nvmlDeviceGetName(void *handle, char *text, unsigned size) {
    CHECK("name");
    snprintf(text, size, "%.*s", (int)strcspn(handle, " "), (char *)handle);
    return 0;
}
int nvmlDeviceGetUUID(void *handle, char *text, unsigned size) {
    (void)handle;
    snprintf(text, size, "GPU-0");
    return 0;
}
int nvmlDeviceGetCudaComputeCapability(void *handle, int *major, int *minor) {
    CHECK("capability");
    return sscanf(handle, "%*s %d %d", major, minor) == 2 ? 0 : 3;
}
int nvmlDeviceGetMemoryInfo(void *handle, memory_v1 *memory) {
    CHECK("memory");
    memory->free = memory->used = 0;
    return sscanf(handle, "%*s %*d %*d %llu", &memory->total) == 1 ? 0 : 3;
}
