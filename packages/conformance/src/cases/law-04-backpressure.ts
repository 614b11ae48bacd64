import type { Case } from "../case.js";
import { block } from "./law-04/block.js";
import { disconnecting } from "./law-04/disconnecting.js";
import { dropOldest } from "./law-04/drop-oldest.js";
import { flows } from "./law-04/flows.js";
import { givingUp } from "./law-04/giving-up.js";
import { lostTargets } from "./law-04/lost-targets.js";
import { reject } from "./law-04/reject.js";
import { throughLinks } from "./law-04/through-links.js";

export const law04: readonly Case[] = [
  ...block,
  ...reject,
  ...dropOldest,
  ...givingUp,
  ...throughLinks,
  ...disconnecting,
  ...lostTargets,
  ...flows,
];
