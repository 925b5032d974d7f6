/*
 * Stands between the service and its disk, by LD_PRELOAD. Whatever writes, cuts or syncs ledger.db and the files beside it
 * (ledger.db-wal, ledger.db-shm) is counted, and fails, or is only pretended, as the orders say: a file of 64-bit numbers,
 * named by TORTURE_DISK_ORDERS, that disk-orders.ts writes while the service runs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

struct orders {
  int64_t calls;        /* seen so far, counted here */
  int64_t first;        /* the first call that fails, from 1; 0: none does */
  int64_t last;         /* the last call that fails */
  int64_t error;        /* the errno of failing calls */
  int64_t drops_syncs;  /* 1: syncs say yes and do nothing */
  int64_t failed;       /* how many failed so far, counted here */
};

static struct orders *orders;

__attribute__((constructor)) static void read_orders(void) {
  const char *path = getenv("TORTURE_DISK_ORDERS");
  if (path == NULL) return;
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *there = mmap(NULL, sizeof(struct orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (there != MAP_FAILED) orders = there;
}

static int is_of_ledger(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  const char *name = strrchr(path, '/');
  return name != NULL && strncmp(name + 1, "ledger.db", 9) == 0;
}

/* Whether this call is to fail; errno is set then. */
static int fails(int fd) {
  if (orders == NULL || !is_of_ledger(fd)) return 0;
  int64_t call = __sync_add_and_fetch(&orders->calls, 1);
  int64_t first = orders->first;
  if (first == 0 || call < first || call > orders->last) return 0;
  __sync_add_and_fetch(&orders->failed, 1);
  errno = (int)orders->error;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t length) {
  static ssize_t (*real)(int, const void *, size_t);
  if (real == NULL) real = REAL(write);
  return fails(fd) ? -1 : real(fd, bytes, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  static ssize_t (*real)(int, const void *, size_t, off64_t);
  if (real == NULL) real = REAL(pwrite64);
  return fails(fd) ? -1 : real(fd, bytes, length, offset);
}

int ftruncate64(int fd, off64_t length) {
  static int (*real)(int, off64_t);
  if (real == NULL) real = REAL(ftruncate64);
  return fails(fd) ? -1 : real(fd, length);
}

static int sync_with(int (*real)(int), int fd) {
  if (fails(fd)) return -1;
  return orders != NULL && orders->drops_syncs && is_of_ledger(fd) ? 0 : real(fd);
}

int fsync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = REAL(fsync);
  return sync_with(real, fd);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = REAL(fdatasync);
  return sync_with(real, fd);
}
