/* What a GPU says of itself. */
#include "calls.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define H100 "NVIDIA%20H100%2080GB%20HBM3"

/* A MIG device tells its name, memory and processes, and refuses the rest. */
#define ENTER_GPU(device)                                                                          \
    ENTER(device);                                                                                 \
    if ((device)->mig >= 0) return NOT_SUPPORTED

static int read_unsigned(const struct device *device, const char *key, double fallback, double scale,
                         unsigned *value) {
    double number;
    int code = read_number(device, key, fallback, &number);
    if (!code) *value = (unsigned)lround(number * scale);
    return code;
}
static int read_moving_unsigned(const struct device *device, const char *key, double fallback,
                                double share, double scale, unsigned *value) {
    double number;
    int code = read_moving(device, key, fallback, share, &number);
    if (!code) *value = (unsigned)lround(fmax(number, 0) * scale);
    return code;
}
#define UNSIGNED(symbol, key, fallback)                                                            \
    int symbol(struct device *device, unsigned *value) {                                           \
        ENTER_GPU(device);                                                                         \
        return read_unsigned(device, key, fallback, 1, value);                                     \
    }
#define TEXT(symbol, key, fallback)                                                                \
    int symbol(struct device *device, char *text, unsigned size) {                                 \
        ENTER_GPU(device);                                                                         \
        return read_text(device, key, fallback, text, size);                                       \
    }

TEXT(nvmlDeviceGetSerial, "serial", NULL)
TEXT(nvmlDeviceGetVbiosVersion, "vbios", "96.00.74.00.01")
UNSIGNED(nvmlDeviceGetBrand, "brand", NAN)
UNSIGNED(nvmlDeviceGetMinorNumber, "minor", device->gpu)
UNSIGNED(nvmlDeviceGetPersistenceMode, "persist", 1)
UNSIGNED(nvmlDeviceGetDisplayMode, "display", 0)
UNSIGNED(nvmlDeviceGetDisplayActive, "display", 0)
UNSIGNED(nvmlDeviceGetPerformanceState, "pstate", 0)
UNSIGNED(nvmlDeviceGetPowerState, "pstate", 0)
UNSIGNED(nvmlDeviceGetComputeMode, "mode", 0)
UNSIGNED(nvmlDeviceGetFanSpeed, "fan", NAN)
UNSIGNED(nvmlDeviceGetNumFans, "fans", 0)
UNSIGNED(nvmlDeviceGetCurrPcieLinkGeneration, "gen", 5)
UNSIGNED(nvmlDeviceGetMaxPcieLinkGeneration, "genmax", 5)
UNSIGNED(nvmlDeviceGetGpuMaxPcieLinkGeneration, "genmax", 5)
UNSIGNED(nvmlDeviceGetCurrPcieLinkWidth, "width", 16)
UNSIGNED(nvmlDeviceGetMaxPcieLinkWidth, "widthmax", 16)
UNSIGNED(nvmlDeviceGetRetiredPagesPendingStatus, "pending", NAN)
UNSIGNED(nvmlDeviceGetArchitecture, "arch", 9)
UNSIGNED(nvmlDeviceGetNumGpuCores, "cores", 16896)
UNSIGNED(nvmlDeviceGetMemoryBusWidth, "buswidth", 5120)

int nvmlDeviceGetIndex(struct device *device, unsigned *index) {
    ENTER(device);
    *index = (unsigned)(device->mig < 0 ? device->gpu : device->mig);
    return 0;
}

int nvmlDeviceGetName(struct device *device, char *text, unsigned size) {
    ENTER(device);
    unsigned gi, ci;
    double mib, used;
    char profile[32];
    int code = read_text(device, "name", H100, text, size);
    if (code || device->mig < 0) return code;
    code = mig_values(device, &gi, &ci, &mib, &used, profile);
    size_t length = strlen(text);
    if (!code) snprintf(text + length, size - length, " MIG %s", profile[0] ? profile : "1g.10gb");
    return code;
}

int nvmlDeviceGetCudaComputeCapability(struct device *device, int *major, int *minor) {
    ENTER(device);
    char text[16];
    int code = read_text(device, "cc", "9.0", text, sizeof text);
    return code ? code : sscanf(text, "%d.%d", major, minor) == 2 ? 0 : 999;
}

struct memory_v1 { uint64_t total, free, used; };
struct memory_v2 { unsigned version; uint64_t total, reserved, free, used; };

static int read_memory(const struct device *device, struct memory_v2 *memory) {
    double total = 0, used = 0, reserved = 0;
    unsigned gi, ci;
    char profile[32], unified[16];
    if (device->mig >= 0) {
        int code = mig_values(device, &gi, &ci, &total, &used, profile);
        if (code) return code;
    } else {
        read_text(device, "unified", "0", unified, sizeof unified);
        if (unified[0] == '1') return NOT_SUPPORTED;
        int code = read_number(device, "mem", 81920, &total);
        if (!code) code = read_moving(device, "used", 0, total / 10, &used);
        if (!code) code = read_number(device, "reserved", 512, &reserved);
        if (code) return code;
        if (unified[0] == 'z') total = used = reserved = 0;
        used = fmin(fmax(used, 0), fmax(total - reserved, 0));
    }
    memory->total = (uint64_t)(total * 1048576);
    memory->used = (uint64_t)(used * 1048576);
    memory->reserved = (uint64_t)(reserved * 1048576);
    memory->free = memory->total - memory->used - memory->reserved;
    return 0;
}
int nvmlDeviceGetMemoryInfo(struct device *device, struct memory_v1 *memory) {
    ENTER(device);
    struct memory_v2 found;
    int code = read_memory(device, &found);
    if (!code) *memory = (struct memory_v1){found.total, found.free, found.used + found.reserved};
    return code;
}
#if GENERATION > 470
int nvmlDeviceGetMemoryInfo_v2(struct device *device, struct memory_v2 *memory) {
    ENTER(device);
    if (memory->version != (sizeof *memory | 2 << 24)) return 25;
    return read_memory(device, memory);
}
int nvmlDeviceGetConfComputeMemSizeInfo(struct device *device, uint64_t *sizes) {
    (void)sizes;
    ENTER(device);
    return NOT_SUPPORTED;
}
#endif
int nvmlDeviceGetBAR1MemoryInfo(struct device *device, struct memory_v1 *memory) {
    ENTER(device);
    double total;
    int code = read_number(device, "bar1", device->mig < 0 ? 131072 : 16384, &total);
    uint64_t bytes = (uint64_t)total << 20;
    if (!code) *memory = (struct memory_v1){bytes, bytes - (1 << 20), 1 << 20};
    return code;
}

int nvmlDeviceGetUtilizationRates(struct device *device, unsigned *rates) {
    ENTER_GPU(device);
    double mig = 0;
    read_number(device, "mig", 0, &mig);
    if (mig) return NOT_SUPPORTED;
    int code = read_moving_unsigned(device, "util", 0, 100, 1, &rates[0]);
    if (!code) code = read_moving_unsigned(device, "memutil", 0, 50, 1, &rates[1]);
    if (!code && rates[0] > 100) rates[0] = 100;
    if (!code && rates[1] > 100) rates[1] = 100;
    return code;
}
static int read_coder(const struct device *device, const char *key, unsigned *value, unsigned *us) {
    *us = 167000;
    return read_unsigned(device, key, 0, 1, value);
}
int nvmlDeviceGetEncoderUtilization(struct device *device, unsigned *value, unsigned *us) {
    ENTER_GPU(device);
    return read_coder(device, "enc", value, us);
}
int nvmlDeviceGetDecoderUtilization(struct device *device, unsigned *value, unsigned *us) {
    ENTER_GPU(device);
    return read_coder(device, "dec", value, us);
}

/* Kinds of clocks: 0 graphics, 1 SM, 2 memory, 3 video. */
int nvmlDeviceGetClockInfo(struct device *device, unsigned kind, unsigned *mhz) {
    ENTER_GPU(device);
    if (kind == 2) return read_unsigned(device, "memclk", 2619, 1, mhz);
    return read_moving_unsigned(device, "sm", 1980, 500, 1, mhz);
}
int nvmlDeviceGetMaxClockInfo(struct device *device, unsigned kind, unsigned *mhz) {
    ENTER_GPU(device);
    if (kind == 2) return read_unsigned(device, "memclkmax", 2619, 1, mhz);
    return read_unsigned(device, "smmax", 1980, 1, mhz);
}

int nvmlDeviceGetTemperature(struct device *device, unsigned sensor, unsigned *degrees) {
    ENTER_GPU(device);
    if (sensor) return INVALID_ARGUMENT;
    return read_moving_unsigned(device, "temp", 40, 30, 1, degrees);
}
#if GENERATION >= 580
struct temperature { unsigned version, sensor; int degrees; };
int nvmlDeviceGetTemperatureV(struct device *device, struct temperature *found) {
    ENTER_GPU(device);
    if (found->version != (sizeof *found | 1 << 24)) return 25;
    return read_moving_unsigned(device, "temp", 40, 30, 1, (unsigned *)&found->degrees);
}
#endif
int nvmlDeviceGetTemperatureThreshold(struct device *device, unsigned kind, unsigned *degrees) {
    ENTER_GPU(device);
    (void)kind;
    return read_unsigned(device, "tempmax", 90, 1, degrees);
}

int nvmlDeviceGetPowerUsage(struct device *device, unsigned *milliwatts) {
    ENTER_GPU(device);
    return read_moving_unsigned(device, "power", 100, 300, 1000, milliwatts);
}
#define LIMIT(symbol)                                                                              \
    int symbol(struct device *device, unsigned *milliwatts) {                                      \
        ENTER_GPU(device);                                                                         \
        return read_unsigned(device, "limit", 700, 1000, milliwatts);                              \
    }
LIMIT(nvmlDeviceGetPowerManagementLimit)
LIMIT(nvmlDeviceGetPowerManagementDefaultLimit)
LIMIT(nvmlDeviceGetEnforcedPowerLimit)
int nvmlDeviceGetPowerManagementLimitConstraints(struct device *device, unsigned *low, unsigned *high) {
    ENTER_GPU(device);
    *low = 200000;
    return read_unsigned(device, "limit", 700, 1000, high);
}
UNSIGNED(nvmlDeviceGetPowerManagementMode, "powermode", 1)

static int read_energy(const struct device *device, unsigned long long *millijoules) {
    static double start;
    double joules, wave = 0, power = 0;
    int code = read_number(device, "energy", 3600, &joules);
    if (code) return code;
    if (!start) start = now_s();
    read_number(device, "wave", 0, &wave);
    read_number(device, "power", 100, &power);
    if (wave > 0) joules += power * (now_s() - start);
    *millijoules = (unsigned long long)(joules * 1000);
    return 0;
}
int nvmlDeviceGetTotalEnergyConsumption(struct device *device, unsigned long long *millijoules) {
    ENTER_GPU(device);
    return read_energy(device, millijoules);
}

int nvmlDeviceGetPcieThroughput(struct device *device, unsigned counter, unsigned *kilobytes) {
    ENTER_GPU(device);
    return read_unsigned(device, counter ? "rx" : "tx", counter ? 1000 : 500, 1, kilobytes);
}

int nvmlDeviceGetEccMode(struct device *device, unsigned *current, unsigned *pending) {
    ENTER_GPU(device);
    int code = read_unsigned(device, "ecc", 1, 1, current);
    if (!code) *pending = *current;
    return code;
}
static int read_ecc(const struct device *device, unsigned kind, unsigned long long *count) {
    double is_on = 0, number;
    int code = read_number(device, "ecc", 1, &is_on);
    if (code || !is_on) return code ? code : NOT_SUPPORTED;
    code = read_number(device, kind ? "eccu" : "eccc", 0, &number);
    if (!code) *count = (unsigned long long)number;
    return code;
}
int nvmlDeviceGetTotalEccErrors(struct device *device, unsigned kind, unsigned counter,
                                unsigned long long *count) {
    (void)counter;
    ENTER_GPU(device);
    return read_ecc(device, kind, count);
}
int nvmlDeviceGetMemoryErrorCounter(struct device *device, unsigned kind, unsigned counter,
                                    unsigned location, unsigned long long *count) {
    (void)counter, (void)location;
    ENTER_GPU(device);
    return read_ecc(device, kind, count);
}

/* Half of the retired pages, rounded up, are there for single-bit errors (cause 0). */
static int list_pages(const struct device *device, unsigned cause, unsigned *count,
                      unsigned long long *pages) {
    unsigned total, room = *count;
    int code = read_unsigned(device, "retired", NAN, 1, &total);
    if (code) return code;
    *count = cause ? total / 2 : total - total / 2;
    if (*count > room || (!pages && *count)) return INSUFFICIENT_SIZE;
    for (unsigned i = 0; i < *count; i++) pages[i] = 0x10000ULL * (i + 1 + cause * 1000);
    return 0;
}
int nvmlDeviceGetRetiredPages(struct device *device, unsigned cause, unsigned *count,
                              unsigned long long *pages) {
    ENTER_GPU(device);
    return list_pages(device, cause, count, pages);
}
int nvmlDeviceGetRetiredPages_v2(struct device *device, unsigned cause, unsigned *count,
                                 unsigned long long *pages, unsigned long long *times) {
    ENTER_GPU(device);
    int code = list_pages(device, cause, count, pages);
    if (!code && pages) memset(times, 0, *count * sizeof *times);
    return code;
}
int nvmlDeviceGetRemappedRows(struct device *device, unsigned *corrected, unsigned *uncorrected,
                              unsigned *pending, unsigned *failed) {
    ENTER_GPU(device);
    double pages;
    if (!read_number(device, "retired", NAN, &pages)) return NOT_SUPPORTED;
    int code = read_unsigned(device, "remapped", 0, 1, uncorrected);
    if (!code) code = read_unsigned(device, "pending", 0, 1, pending);
    *corrected = *failed = 0;
    return code;
}

static int read_reasons(const struct device *device, unsigned long long *reasons) {
    double bits;
    int code = read_number(device, "throttle", 0, &bits);
    if (!code) *reasons = (unsigned long long)bits;
    return code;
}
#define REASONS(symbol)                                                                            \
    int symbol(struct device *device, unsigned long long *reasons) {                               \
        ENTER_GPU(device);                                                                         \
        return read_reasons(device, reasons);                                                      \
    }
REASONS(nvmlDeviceGetCurrentClocksThrottleReasons)
#if GENERATION > 470
REASONS(nvmlDeviceGetCurrentClocksEventReasons)
int nvmlDeviceGetSupportedClocksEventReasons(struct device *device, unsigned long long *reasons) {
    ENTER_GPU(device);
    *reasons = 0x1ff;
    return 0;
}
#endif
int nvmlDeviceGetSupportedClocksThrottleReasons(struct device *device, unsigned long long *reasons) {
    ENTER_GPU(device);
    *reasons = 0x1ff;
    return 0;
}

/* Windows only. */
int nvmlDeviceGetDriverModel(struct device *device, unsigned *now, unsigned *then) {
    (void)now, (void)then;
    ENTER(device);
    return NOT_SUPPORTED;
}
int nvmlDeviceGetDriverModel_v2(struct device *device, unsigned *now, unsigned *then) {
    (void)now, (void)then;
    ENTER(device);
    return NOT_SUPPORTED;
}

struct field {
    unsigned id, scope;
    int64_t time_us, latency_us;
    unsigned kind;
    int code;
    union { double d; unsigned u; unsigned long long ull; } value;
};
/* Few fields are known: energy 83, count of links 91, data and raw bytes of links 138 to 141, and
 * power now 186. */
static int read_field(const struct device *device, struct field *field) {
    char links[64];
    field->kind = 3;
    field->value.ull = 0;
    switch (field->id) {
        case 83: return read_energy(device, &field->value.ull);
        case 91: {
            field->kind = 1;
            int code = read_text(device, "nvlink", NULL, links, sizeof links);
            field->value.u = code ? 0 : (unsigned)strlen(links);
            return code;
        }
        case 138: case 139: case 140: case 141:
            field->value.ull = (unsigned long long)(now_s() * 1000);
            return read_text(device, "nvlink", NULL, links, sizeof links);
        case 186:
            field->kind = 1;
            return read_moving_unsigned(device, "power", 100, 300, 1000, &field->value.u);
        default: return NOT_SUPPORTED;
    }
}
int nvmlDeviceGetFieldValues(struct device *device, int count, struct field *fields) {
    ENTER_GPU(device);
    for (int i = 0; i < count; i++) {
        fields[i].time_us = (int64_t)(now_s() * 1e6);
        fields[i].latency_us = 1;
        fields[i].code = read_field(device, &fields[i]);
    }
    return 0;
}

int nvmlDeviceGetNvLinkState(struct device *device, unsigned link, unsigned *is_active) {
    ENTER_GPU(device);
    char links[64];
    int code = read_text(device, "nvlink", NULL, links, sizeof links);
    if (code || link >= strlen(links)) return code ? code : INVALID_ARGUMENT;
    *is_active = links[link] == 'A';
    return 0;
}
int nvmlDeviceGetNvLinkVersion(struct device *device, unsigned link, unsigned *version) {
    ENTER_GPU(device);
    char links[64];
    int code = read_text(device, "nvlink", NULL, links, sizeof links);
    if (code || link >= strlen(links)) return code ? code : INVALID_ARGUMENT;
    return read_unsigned(device, "nvlinkver", 6, 1, version);
}
int nvmlDeviceGetNvLinkCapability(struct device *device, unsigned link, unsigned what, unsigned *can) {
    (void)what;
    ENTER_GPU(device);
    char links[64];
    int code = read_text(device, "nvlink", NULL, links, sizeof links);
    if (code || link >= strlen(links)) return code ? code : INVALID_ARGUMENT;
    *can = 1;
    return 0;
}
int nvmlDeviceGetNvLinkErrorCounter(struct device *device, unsigned link, unsigned counter,
                                    unsigned long long *value) {
    (void)link, (void)counter;
    ENTER_GPU(device);
    *value = 0;
    return 0;
}
