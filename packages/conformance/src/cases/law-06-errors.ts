import type { Case } from "../case.js";
import { badInput } from "./law-06/bad-input.js";
import { flowEnds } from "./law-06/flow-ends.js";
import { flows } from "./law-06/flows.js";
import { onError } from "./law-06/on-error.js";
import { thrown } from "./law-06/thrown.js";
import { thrownAtTheEnd } from "./law-06/thrown-at-the-end.js";

/** What a kernel throws and what a caller does wrong shows, with a code, wherever somebody can see it. */
export const law06: readonly Case[] = [...thrown, ...thrownAtTheEnd, ...onError, ...badInput, ...flows, ...flowEnds];
