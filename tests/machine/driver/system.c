/* The driver as a whole, and the way to its GPUs. */
#include "calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if GENERATION == 470
#define DRIVER "470.256.02"
#define CUDA "11040"
#define NVML "11.470.256.02"
#elif GENERATION == 534
#define DRIVER "535.43.02"
#define CUDA "12020"
#define NVML "12.535.43.02"
#elif GENERATION == 535
#define DRIVER "535.183.01"
#define CUDA "12020"
#define NVML "12.535.183.01"
#else
#define DRIVER "580.95.05"
#define CUDA "13000"
#define NVML "13.580.95.05"
#endif

static int start(void) {
    initialized++;
    return 0;
}
int nvmlInitWithFlags(unsigned flags) { (void)flags; ENTER_AT(NO_GPU, -1, 0); return start(); }
int nvmlInit_v2(void) { ENTER_AT(NO_GPU, -1, 0); return start(); }
int nvmlShutdown(void) {
    ENTER_SYSTEM();
    initialized--;
    return 0;
}

const char *nvmlErrorString(int code) {
    static const char *texts[] = {
        "Success", "Uninitialized", "Invalid Argument", "Not Supported", "Insufficient Permissions",
        "Already Initialized", "Not Found", "Insufficient Size", "Insufficient External Power",
        "Driver Not Loaded", "Timeout", "Interrupt Request Issue", "NVML Shared Library Not Found",
        "Function Not Found", "Corrupted infoROM", "GPU is lost", "GPU requires reset",
        "The operating system has blocked the request", "RM has detected an NVML/RM version mismatch.",
        "In use by another client", "Insufficient Memory", "No data", "vgpu ecc is not enabled",
        "Insufficient resources", "Frequency is not supported", "Argument version mismatch",
        "Deprecated", "Not Ready", "GPU not found", "Invalid state"};
    return code >= 0 && code < 30 ? texts[code] : "Unknown Error";
}

static int copy(char *text, unsigned size, const char *word, const char *fallback) {
    const char *line = find_line(word, 0);
    snprintf(text, size, "%s", line ? line : fallback);
    return 0;
}
int nvmlSystemGetDriverVersion(char *text, unsigned size) {
    ENTER_SYSTEM();
    return copy(text, size, "driver", DRIVER);
}
int nvmlSystemGetNVMLVersion(char *text, unsigned size) {
    ENTER_SYSTEM();
    return copy(text, size, "nvml", NVML);
}
static int cuda(int *version) {
    const char *line = find_line("cuda", 0);
    *version = atoi(line ? line : CUDA);
    return 0;
}
int nvmlSystemGetCudaDriverVersion(int *version) { ENTER_SYSTEM(); return cuda(version); }
int nvmlSystemGetCudaDriverVersion_v2(int *version) { ENTER_SYSTEM(); return cuda(version); }

int nvmlSystemGetProcessName(unsigned pid, char *name, unsigned size) {
    ENTER_SYSTEM();
    char path[32];
    snprintf(path, sizeof path, "/proc/%u/comm", pid);
    FILE *file = fopen(path, "r");
    if (!file) return NOT_FOUND;
    if (!fgets(name, (int)size, file)) name[0] = 0;
    name[strcspn(name, "\n")] = 0;
    fclose(file);
    return 0;
}

static int count(unsigned *number) {
    *number = (unsigned)gpu_count();
    return 0;
}
int nvmlDeviceGetCount(unsigned *number) { ENTER_SYSTEM(); return count(number); }
int nvmlDeviceGetCount_v2(unsigned *number) { ENTER_SYSTEM(); return count(number); }

static int give(struct device *found, struct device **handle, int otherwise) {
    *handle = found;
    return found ? 0 : otherwise;
}
int nvmlDeviceGetHandleByIndex(unsigned index, struct device **handle) {
    ENTER_AT(NO_GPU, (int)index < MAX_GPUS ? (int)index : -1, 1);
    return give(find_gpu((int)index), handle, INVALID_ARGUMENT);
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, struct device **handle) {
    ENTER_AT(NO_GPU, (int)index < MAX_GPUS ? (int)index : -1, 1);
    return give(find_gpu((int)index), handle, INVALID_ARGUMENT);
}

static void write_uuid(const struct device *device, char *text, unsigned size) {
    char fallback[64];
    unsigned gi = 0, ci = 0;
    double mib, used;
    char profile[32];
    if (device->mig >= 0) {
        mig_values(device, &gi, &ci, &mib, &used, profile);
        snprintf(text, size, "MIG-%08x-0000-0000-%04x-%012x", device->gpu, gi, ci);
        return;
    }
    snprintf(fallback, sizeof fallback, "GPU-00000000-0000-0000-0000-%012d", device->gpu);
    if (read_text(device, "uuid", fallback, text, size)) snprintf(text, size, "%s", fallback);
}
int nvmlDeviceGetUUID(struct device *device, char *text, unsigned size) {
    ENTER(device);
    write_uuid(device, text, size);
    return 0;
}
int nvmlDeviceGetHandleByUUID(const char *uuid, struct device **handle) {
    ENTER_SYSTEM();
    char text[96];
    for (int gpu = 0; gpu < gpu_count(); gpu++) {
        for (int mig = -1; mig < MAX_MIG; mig++) {
            struct device *device = mig < 0 ? find_gpu(gpu) : find_mig(gpu, mig);
            if (!device) break;
            write_uuid(device, text, sizeof text);
            if (!strcmp(text, uuid)) return give(device, handle, 0);
        }
    }
    return NOT_FOUND;
}

struct pci { char legacy[16]; unsigned domain, bus, device, id, subsystem; char text[32]; };

static int write_pci(const struct device *device, struct pci *pci) {
    double bus;
    int code = read_number(device, "bus", device->gpu + 1, &bus);
    if (code) return code;
    memset(pci, 0, sizeof *pci);
    pci->bus = (unsigned)bus;
    pci->id = 0x233010DE;
    pci->subsystem = 0x16C110DE;
    snprintf(pci->legacy, sizeof pci->legacy, "0000:%02X:00.0", pci->bus);
    snprintf(pci->text, sizeof pci->text, "00000000:%02X:00.0", pci->bus);
    return 0;
}
int nvmlDeviceGetPciInfo_v3(struct device *device, struct pci *pci) {
    ENTER(device);
    return write_pci(device, pci);
}
int nvmlDeviceGetHandleByPciBusId_v2(const char *text, struct device **handle) {
    ENTER_SYSTEM();
    for (int gpu = 0; gpu < gpu_count(); gpu++) {
        struct pci pci;
        if (write_pci(find_gpu(gpu), &pci)) continue;
        if (!strcasecmp(pci.text, text) || !strcasecmp(pci.legacy, text))
            return give(find_gpu(gpu), handle, 0);
    }
    return NOT_FOUND;
}
int nvmlDeviceGetNvLinkRemotePciInfo_v2(struct device *device, unsigned link, struct pci *pci) {
    ENTER(device);
    char links[64];
    int code = read_text(device, "nvlink", NULL, links, sizeof links);
    if (code || link >= strlen(links)) return code ? code : INVALID_ARGUMENT;
    if (links[link] != 'A') return NOT_SUPPORTED;
    memset(pci, 0, sizeof *pci);
    pci->bus = 0xC0 + link;
    snprintf(pci->legacy, sizeof pci->legacy, "0000:%02X:00.0", pci->bus);
    snprintf(pci->text, sizeof pci->text, "00000000:%02X:00.0", pci->bus);
    return 0;
}
