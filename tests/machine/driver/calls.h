/* What happens at the door of every call: it is counted, and the faults of the box come to pass. */
#ifndef CALLS_H
#define CALLS_H

#include "box.h"

#define NO_GPU ((const struct device *)0)

extern int initialized;
/* Count and stumble; 0 when the call may go on. `slot` remembers its place in the count. */
int enter(int *slot, const char *symbol, const struct device *device, int gpu, int needs_init);

/* At the head of each function about a device, about none, and about a GPU given by number. */
#define ENTER(device) ENTER_AT(device, is_device(device) ? (device)->gpu : -2, 1)
#define ENTER_SYSTEM() ENTER_AT(NO_GPU, -1, 1)
#define ENTER_AT(device, gpu, needs_init)                                                          \
    do {                                                                                           \
        static int slot_ = -1;                                                                     \
        int code_ = enter(&slot_, __func__, device, gpu, needs_init);                              \
        if (code_) return code_;                                                                   \
    } while (0)

#endif
