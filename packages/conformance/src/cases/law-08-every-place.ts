import type { Case } from "../case.js";
import { addressing } from "./law-08/addresses.js";
import { buffers } from "./law-08/buffers.js";
import { capabilities } from "./law-08/capabilities.js";
import { compute } from "./law-08/compute.js";
import { fairness } from "./law-08/fairness.js";
import { links } from "./law-08/links.js";
import { moves } from "./law-08/moves.js";
import { peers } from "./law-08/peers.js";
import { programs } from "./law-08/programs.js";
import { sameResults } from "./law-08/same-results.js";
import { scaling } from "./law-08/scaling.js";
import { severalBackends } from "./law-08/several-backends.js";
import { swaps } from "./law-08/swaps.js";
import { transport } from "./law-08/transport.js";
import { tuning } from "./law-08/tuning.js";
import { values } from "./law-08/values.js";
import { patterns } from "./patterns/patterns.js";

export const law08: readonly Case[] = [
  ...sameResults,
  ...capabilities,
  ...transport,
  ...values,
  ...addressing,
  ...peers,
  ...links,
  ...severalBackends,
  ...moves,
  ...swaps,
  ...tuning,
  ...scaling,
  ...fairness,
  ...buffers,
  ...compute,
  ...programs,
  ...patterns,
];
