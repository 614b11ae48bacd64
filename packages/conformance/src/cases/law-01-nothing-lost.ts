import type { Case } from "../case.js";
import { agreements } from "./law-01/agreement.js";
import { corners } from "./law-01/corners.js";
import { crashes } from "./law-01/crashes.js";
import { durable } from "./law-01/durable.js";
import { ends } from "./law-01/ends.js";
import { flows } from "./law-01/flows.js";
import { later } from "./law-01/later.js";
import { letters } from "./law-01/letters.js";
import { lines } from "./law-01/lines.js";
import { overloads } from "./law-01/overload.js";
import { randomFlows } from "./law-01/random-flows.js";
import { settling } from "./law-01/settling.js";
import { states } from "./law-01/states.js";
import { streams } from "./law-01/streams.js";

/** For each port: accepted = queued + in hand + done + dropped + dead-lettered, at every quiet moment. */
export const law01: readonly Case[] = [
  ...streams,
  ...overloads,
  ...states,
  ...settling,
  ...crashes,
  ...ends,
  ...letters,
  ...later,
  ...agreements,
  ...corners,
  ...flows,
  ...lines,
  ...durable,
  ...randomFlows,
];
