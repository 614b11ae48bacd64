/**
 * The first byte of a value. From 0x40 on, the byte holds the length of an ASCII text (0 to 63 characters, which
 * follow) or, from 0x80 on, a whole number from 0 to 127.
 */
export const TAG = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  int: 4,
  float: 5,
  /** A text in UTF-8. */
  text: 6,
  /** A text in UTF-16, which may have lone surrogates. */
  units: 7,
  /** A bigint of 64 bits. */
  bigint: 8,
  /** A bigint in hexadecimal digits. */
  digits: 9,
  /** An object that occurred before, by its number. */
  again: 10,
  /** An empty container, with its tag; its contents follow the value. */
  later: 11,
  /** A `SharedBuffer`; only the top-level fields of a body can hold one. */
  buffer: 12,
  object: 16,
  /** An object without a prototype. */
  bare: 17,
  list: 18,
  ints: 19,
  floats: 20,
  /** An array with holes or own fields. */
  sparse: 21,
  map: 22,
  set: 23,
  /** End of the entries of a map or set. */
  end: 24,
  date: 32,
  regexp: 33,
  bytes: 34,
  view: 35,
  typed: 36,
  /** A Uint8Array: the most frequent typed array. */
  octets: 37,
  error: 40,
  /** An error of Ringline. */
  coded: 41,
  domException: 42,
} as const;

/** Tags of containers that `nest` writes. */
export type ContainerTag = (typeof TAG)["object" | "bare" | "list" | "map" | "set" | "error" | "domException"];

export const SHORT_TEXT = 0x40;
export const SMALL_INT = 0x80;

/** Maximum nesting depth of containers whose contents are written in place. */
export const DEEPEST = 64;
