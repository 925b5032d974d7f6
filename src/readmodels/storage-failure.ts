const storage =
  /^(?:SQLITE_FULL|SQLITE_IOERR(?!_SHORT_READ|_CORRUPTFS)|SQLITE_READONLY|SQLITE_NOMEM|ENOSPC|EDQUOT|EIO|EFBIG|EROFS|EMFILE|ENFILE)/;

/**
 * Whether an error says that the disk is full, or cannot be written or read: no file is to blame, and none gets better by
 * being made again.
 */
export function isStorageFailure(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string" && storage.test(error.code);
}
