import type { Case } from "../case.js";
import { concurrency } from "./law-03/concurrency.js";
import { drops } from "./law-03/drops.js";
import { flows } from "./law-03/flows.js";
import { inherited } from "./law-03/inherited.js";
import { priorities } from "./law-03/priority.js";
import { randoms } from "./law-03/random.js";
import { links, senders } from "./law-03/senders.js";

/** The highest priority first; first in, first out per sender, port and priority. */
export const law03: readonly Case[] = [
  ...priorities,
  ...inherited,
  ...senders,
  ...links,
  ...drops,
  ...randoms,
  ...flows,
  ...concurrency,
];
