import { binary } from "./binary.js";
import { dates, failures, platformObjects } from "./builtins.js";
import { collections } from "./collections.js";
import type { ValueGroup } from "./kind.js";
import { objects } from "./objects.js";
import { scalars } from "./scalars.js";

/** The table of values: each kind, and its form after a copy. */
export const valueKinds: readonly ValueGroup[] = [
  scalars,
  objects,
  collections,
  binary,
  dates,
  failures,
  platformObjects,
];
