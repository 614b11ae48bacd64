import type { Case } from "../case.js";
import { boundedWaits } from "./law-02/bounded-waits.js";
import { contextWaits } from "./law-02/context-waits.js";
import { corners } from "./law-02/corners.js";
import { deadlines } from "./law-02/deadlines.js";
import { ends } from "./law-02/ends.js";
import { flows } from "./law-02/flows.js";
import { hostWaits } from "./law-02/host-waits.js";
import { matchings } from "./law-02/matching.js";
import { promptness } from "./law-02/promptness.js";
import { replies } from "./law-02/replies.js";
import { times } from "./law-02/times.js";

/** Every pending call settles: with a value, or with a typed error. */
export const law02: readonly Case[] = [
  ...matchings,
  ...replies,
  ...hostWaits,
  ...contextWaits,
  ...times,
  ...deadlines,
  ...ends,
  ...corners,
  ...flows,
  ...boundedWaits,
  ...promptness,
];
