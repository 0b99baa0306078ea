/* The box that the driver pretends to stand in: a text file that $STUB_NVML names. It is read anew
 * whenever it changes, so that a test can alter the box while a program looks at it.
 *
 *   driver 580.95.05            version of the driver
 *   nvml 13.580.95.05           version of the library
 *   cuda 13000                  highest CUDA version, as NVML writes it
 *   gpu KEY=VALUE...            one GPU; `na` as a value: error 3; `!N`: error N; %20 for a space
 *   mig GPU GI CI MIB USED [PROFILE]      one MIG device of it
 *   proc GPU PID MIB|na C|G|M... SM [GI CI]    a process on it, in the lists of these letters
 *   error FUNCTION GPU CODE     this call answers CODE; FUNCTION and GPU may be *
 *   delay FUNCTION GPU MS       this call takes so long; -1: it never returns
 *   crash FUNCTION GPU          this call ends the process with SIGSEGV
 *
 * FUNCTION is the name of a symbol, one without its _vN for all its versions, or a beginning and *.
 * GPU is `-` for calls that are about no GPU. Keys of a GPU, with their units: keys.txt beside this.
 */
#ifndef BOX_H
#define BOX_H

#define MAX_GPUS 64
#define MAX_MIG 16
#define LINE_SIZE 1024

enum { SUCCESS, UNINITIALIZED, INVALID_ARGUMENT, NOT_SUPPORTED, NO_PERMISSION, NOT_FOUND = 6,
       INSUFFICIENT_SIZE = 7, GPU_IS_LOST = 15 };

/* What a handle points to: a GPU, or a MIG device of one (mig >= 0). */
struct device { int gpu, mig; };

struct process { unsigned pid, sm, gi, ci; unsigned long long bytes; char kinds[8]; };

void read_box(void);
int gpu_count(void);
const char *find_line(const char *word, int nth);
struct device *find_gpu(int index);
struct device *find_mig(int gpu, int index);
int is_device(const struct device *device);
int mig_values(const struct device *device, unsigned *gi, unsigned *ci, double *mib, double *used,
               char *profile);
int list_processes(const struct device *device, char kind, struct process *found, int limit);

/* Value of a key of a GPU; 0, or NVML's error number. NAN as `fallback`: error 3 without it. */
int read_number(const struct device *device, const char *key, double fallback, double *value);
int read_text(const struct device *device, const char *key, const char *fallback, char *text,
              unsigned size);
/* As read_number, and in motion when the GPU has a `wave`. */
int read_moving(const struct device *device, const char *key, double fallback, double share,
                double *value);
double now_s(void);

#endif
