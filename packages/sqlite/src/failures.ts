import { errors } from "@ringline/core";

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html). */
const CODES: Readonly<Record<number, string>> = {
  5: "BUSY",
  6: "LOCKED",
  8: "READONLY",
  10: "IOERR",
  11: "CORRUPT",
  13: "FULL",
  14: "CANTOPEN",
  26: "NOTADB",
};

const REMEDIES: Readonly<Record<string, string>> = {
  BUSY: "Another program holds a lock on the file: end it, or give each program a file of its own.",
  LOCKED: "Another program holds a lock on the file: end it, or give each program a file of its own.",
  READONLY: "Let this user write the file and its folder.",
  IOERR: "The disk cannot be read or written: see that it is there and has room, and what the system says of it.",
  CORRUPT: "The file is damaged: put a copy of it in its place, or move it away and begin anew.",
  FULL: "The disk is full: make room on it. What waits is kept then.",
  CANTOPEN: "See that the folder of the file is there, and that this user may write it.",
  NOTADB: "The file is no SQLite database, or is damaged: name another path, or move the file away.",
};

/** Primary result code of an error of a driver, such as "FULL"; undefined for other errors. */
export function sqliteCode(error: unknown): string | undefined {
  const { code, errcode } = (error ?? {}) as { readonly code?: unknown; readonly errcode?: unknown };
  if (typeof errcode === "number") return CODES[errcode & 0xff] ?? `${errcode}`;
  return typeof code === "string" ? /^SQLITE_([A-Z]+)/.exec(code)?.[1] : undefined;
}

/** Error for a fault of a file, with its remedy. */
export function unavailable(path: string, cause: unknown, remedy?: string, flow?: string) {
  const told = remedy ?? REMEDIES[sqliteCode(cause) ?? ""] ?? "See `cause` for what SQLite says.";
  const kernelId = flow === undefined ? {} : { kernelId: flow };
  return new errors.BACKEND_UNAVAILABLE({ backend: "sqlite" }, { cause, remedy: `${path}: ${told}`, ...kernelId });
}
