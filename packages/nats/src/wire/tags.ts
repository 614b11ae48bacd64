/** What a value in a frame begins with. */
export const TAG = {
  undefined: 1,
  null: 2,
  false: 3,
  true: 4,
  /** A number without a sign, of 31 bits at most. */
  count: 5,
  double: 6,
  latin: 7,
  wide: 8,
  /** A text that stands in the frame from here on. */
  newName: 9,
  /** One that stands further in front. */
  name: 10,
  id: 11,
  message: 12,
  /** Fields of an object, each by itself. */
  holder: 13,
  /** A structured clone, as v8 writes it. */
  packed: 14,
} as const;

/** What a message has of that which not every one has. */
export const FLAG = { cause: 1, left: 2, trace: 4, flat: 8, bytes: 16, rare: 32, asker: 64, origin: 128 } as const;

/**
 * What stands in place of the number of values, which is smaller: a message like the one that was put before, and how many
 * identities later its own was made: the next one, a number that follows, or not known, so that it follows in full.
 */
export const ALIKE = { next: 0x80, later: 0x81, other: 0x82 } as const;
