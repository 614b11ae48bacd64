import type { Case } from "../case.js";
import { deactivation } from "./law-05/deactivation.js";
import { ends } from "./law-05/ends.js";
import { fromInside } from "./law-05/from-inside.js";
import { listeners } from "./law-05/listeners.js";
import { operations } from "./law-05/operations.js";
import { termination } from "./law-05/termination.js";
import { timers } from "./law-05/timers.js";
import { transitions } from "./law-05/transitions.js";

export const law05: readonly Case[] = [
  ...operations,
  ...transitions,
  ...fromInside,
  ...deactivation,
  ...termination,
  ...ends,
  ...listeners,
  ...timers,
];
