/*
 * Turns the wall clock of the service, by LD_PRELOAD: by as many nanoseconds as stand in the file that TORTURE_CLOCK names, which
 * wall-clock.ts changes while the service runs. The monotonic clock goes on as it is, as when somebody sets the time.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *offset_ns;

__attribute__((constructor)) static void read_offset(void) {
  const char *path = getenv("TORTURE_CLOCK");
  if (path == NULL) return;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  void *there = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (there != MAP_FAILED) offset_ns = there;
}

static int64_t offset(void) { return offset_ns == NULL ? 0 : *offset_ns; }

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (real == NULL) real = (__typeof__(real))dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, now);
  if (result != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return result;
  int64_t all_ns = (int64_t)now->tv_sec * 1000000000 + now->tv_nsec + offset();
  now->tv_sec = all_ns / 1000000000;
  now->tv_nsec = all_ns % 1000000000;
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec precise;
  if (now == NULL) return 0;
  if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *result) {
  struct timespec precise;
  if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return (time_t)-1;
  if (result != NULL) *result = precise.tv_sec;
  return precise.tv_sec;
}
