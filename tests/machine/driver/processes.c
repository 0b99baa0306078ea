/* Processes on a GPU, and its MIG devices. */
#include "calls.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MAX_PROCESSES 1024

struct process_v1 { unsigned pid; uint64_t bytes; };
struct process_v2 { unsigned pid; uint64_t bytes; unsigned gi, ci; };
struct process_detail { unsigned pid; uint64_t bytes; unsigned gi, ci; uint64_t protected_bytes; };

/* Drivers 535.43 to 535.86 wrote longer entries under the name of _v3. */
#if GENERATION == 534
typedef struct process_detail process_v3;
#else
typedef struct process_v2 process_v3;
#endif

/* The list of one kind into entries of one size; the caller's count tells its room. */
static int write_list(const struct device *device, char kind, unsigned *count, void *entries,
                      size_t size) {
    static struct process found[MAX_PROCESSES];
    int total = list_processes(device, kind, found, MAX_PROCESSES);
    unsigned room = *count;
    *count = (unsigned)total;
    if (!total) return 0;
    if (!entries || room < (unsigned)total) return INSUFFICIENT_SIZE;
    for (int i = 0; i < total && i < MAX_PROCESSES; i++) {
        struct process_detail entry = {found[i].pid, found[i].bytes, found[i].gi, found[i].ci, 0};
        memcpy((char *)entries + i * size, &entry, size);
    }
    return 0;
}
#define LIST(symbol, kind, entry)                                                                  \
    int symbol(struct device *device, unsigned *count, void *entries) {                            \
        ENTER(device);                                                                             \
        return write_list(device, kind, count, entries, sizeof(entry));                            \
    }
LIST(nvmlDeviceGetComputeRunningProcesses, 'C', struct process_v1)
LIST(nvmlDeviceGetGraphicsRunningProcesses, 'G', struct process_v1)
LIST(nvmlDeviceGetMPSComputeRunningProcesses, 'M', struct process_v1)
LIST(nvmlDeviceGetComputeRunningProcesses_v2, 'C', struct process_v2)
LIST(nvmlDeviceGetGraphicsRunningProcesses_v2, 'G', struct process_v2)
LIST(nvmlDeviceGetMPSComputeRunningProcesses_v2, 'M', struct process_v2)
#if GENERATION > 470
LIST(nvmlDeviceGetComputeRunningProcesses_v3, 'C', process_v3)
LIST(nvmlDeviceGetGraphicsRunningProcesses_v3, 'G', process_v3)
LIST(nvmlDeviceGetMPSComputeRunningProcesses_v3, 'M', process_v3)
#endif

#if GENERATION > 470 && GENERATION != 534
/* Modes of the list: 0 compute, 1 graphics, 2 MPS. */
struct process_details { unsigned version, mode, count; struct process_detail *entries; };
int nvmlDeviceGetRunningProcessDetailList(struct device *device, struct process_details *list) {
    ENTER(device);
    if (list->mode > 2) return INVALID_ARGUMENT;
    return write_list(device, "CGM"[list->mode], &list->count, list->entries, sizeof *list->entries);
}
#endif

static int is_mig_on(const struct device *device) {
    double mig = 0;
    return device->mig >= 0 || (!read_number(device, "mig", 0, &mig) && mig != 0);
}

struct sample { unsigned pid; uint64_t time_us; unsigned sm, memory, encoder, decoder; };

int nvmlDeviceGetProcessUtilization(struct device *device, struct sample *samples, unsigned *count,
                                    unsigned long long since_us) {
    (void)since_us;
    ENTER(device);
    static struct process found[MAX_PROCESSES];
    if (is_mig_on(device)) return NOT_SUPPORTED;
    int total = list_processes(device, '*', found, MAX_PROCESSES);
    unsigned room = *count;
    *count = (unsigned)total;
    if (!total) return NOT_FOUND;
    if (!samples || room < (unsigned)total) return INSUFFICIENT_SIZE;
    for (int i = 0; i < total; i++)
        samples[i] = (struct sample){found[i].pid, (uint64_t)(now_s() * 1e6), found[i].sm, 0, 0, 0};
    return 0;
}

#if GENERATION >= 580
struct long_sample { uint64_t time_us; unsigned pid, sm, memory, encoder, decoder, jpeg, flow; };
struct long_samples { unsigned version, count; uint64_t since_us; struct long_sample *entries; };
int nvmlDeviceGetProcessesUtilizationInfo(struct device *device, struct long_samples *list) {
    ENTER(device);
    static struct process found[MAX_PROCESSES];
    if (is_mig_on(device)) return NOT_SUPPORTED;
    int total = list_processes(device, '*', found, MAX_PROCESSES);
    unsigned room = list->count;
    list->count = (unsigned)total;
    if (!total) return NOT_FOUND;
    if (!list->entries || room < (unsigned)total) return INSUFFICIENT_SIZE;
    for (int i = 0; i < total; i++)
        list->entries[i] = (struct long_sample){
            (uint64_t)(now_s() * 1e6), found[i].pid, found[i].sm, 0, 0, 0, 0, 0};
    return 0;
}
#endif

int nvmlDeviceGetMigMode(struct device *device, unsigned *current, unsigned *pending) {
    ENTER(device);
    double mig;
    int code = device->mig >= 0 ? NOT_SUPPORTED : read_number(device, "mig", 0, &mig);
    if (!code) *current = *pending = mig != 0;
    return code;
}
int nvmlDeviceGetMaxMigDeviceCount(struct device *device, unsigned *count) {
    ENTER(device);
    double mig;
    int code = device->mig >= 0 ? NOT_SUPPORTED : read_number(device, "mig", 0, &mig);
    if (!code) *count = 7;
    return code;
}
int nvmlDeviceGetMigDeviceHandleByIndex(struct device *device, unsigned index,
                                        struct device **handle) {
    ENTER(device);
    if (device->mig >= 0 || index >= 7) return INVALID_ARGUMENT;
    struct device *found = is_mig_on(device) ? find_mig(device->gpu, (int)index) : NULL;
    if (found) *handle = found;
    return found ? 0 : NOT_FOUND;
}
int nvmlDeviceIsMigDeviceHandle(struct device *device, unsigned *is_mig) {
    ENTER(device);
    *is_mig = device->mig >= 0;
    return 0;
}
int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(struct device *device, struct device **handle) {
    ENTER(device);
    if (device->mig < 0) return INVALID_ARGUMENT;
    *handle = find_gpu(device->gpu);
    return 0;
}

struct mig { unsigned gi, ci; double mib, used; char profile[32]; };
static int read_mig(const struct device *device, struct mig *mig) {
    if (device->mig < 0) return NOT_SUPPORTED;
    return mig_values(device, &mig->gi, &mig->ci, &mig->mib, &mig->used, mig->profile);
}
int nvmlDeviceGetGpuInstanceId(struct device *device, unsigned *id) {
    ENTER(device);
    struct mig mig;
    int code = read_mig(device, &mig);
    if (!code) *id = mig.gi;
    return code;
}
int nvmlDeviceGetComputeInstanceId(struct device *device, unsigned *id) {
    ENTER(device);
    struct mig mig;
    int code = read_mig(device, &mig);
    if (!code) *id = mig.ci;
    return code;
}

struct attributes {
    unsigned multiprocessors, copies, decoders, encoders, jpegs, flows, gpu_slices, compute_slices;
    unsigned long long mib;
};
int nvmlDeviceGetAttributes_v2(struct device *device, struct attributes *found) {
    ENTER(device);
    struct mig mig;
    int code = read_mig(device, &mig);
    unsigned slices = 1;
    if (code) return code;
    sscanf(mig.profile, "%ug.", &slices);
    *found = (struct attributes){slices * 14, 1, 0, 0, 0, 0, slices, slices,
                                 (unsigned long long)mig.mib};
    return 0;
}
