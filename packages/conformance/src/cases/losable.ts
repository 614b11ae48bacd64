import type { Case } from "../case.js";
import { effects } from "./losable/effects.js";
import { endlessBodies } from "./losable/endless-bodies.js";
import { inFlight } from "./losable/in-flight.js";
import { neighbours } from "./losable/neighbours.js";
import { queues } from "./losable/queues.js";
import { transitions } from "./losable/transitions.js";

/** Places that can be lost: cases of several laws, for backends with the capability `losable`. */
export const losable: readonly Case[] = [
  ...queues,
  ...inFlight,
  ...transitions,
  ...effects,
  ...neighbours,
  ...endlessBodies,
];
