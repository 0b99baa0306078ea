/* A driver's library that answers as it is told: enough of it for CUDA's runtime to give up on.
 *
 * STUB_DRIVER_VERSION: what cuDriverGetVersion gives, 12040 for 12.4.
 * STUB_INIT: what cuInit returns; 0 is fine, and then there are no devices.
 */
#include <stdlib.h>
#include <string.h>

static int number(const char *name, int otherwise) {
    const char *value = getenv(name);
    return value ? atoi(value) : otherwise;
}

int cuDriverGetVersion(int *version) {
    *version = number("STUB_DRIVER_VERSION", 13010);
    return 0;
}

int cuInit(unsigned flags) {
    (void)flags;
    return number("STUB_INIT", 0);
}

int cuDeviceGetCount(int *count) {
    *count = 0;
    return 0;
}

int cuGetProcAddress(const char *name, void **function, int version, unsigned long long flags) {
    (void)version, (void)flags;
    *function = 0;
    if (!strcmp(name, "cuDriverGetVersion")) *function = (void *)cuDriverGetVersion;
    if (!strcmp(name, "cuInit")) *function = (void *)cuInit;
    if (!strcmp(name, "cuDeviceGetCount")) *function = (void *)cuDeviceGetCount;
    return *function ? 0 : 500;
}
