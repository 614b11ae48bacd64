import type { Case } from "../case.js";
import { badInput } from "./law-06/bad-input.js";
import { flowEnds } from "./law-06/flow-ends.js";
import { flows } from "./law-06/flows.js";
import { onError } from "./law-06/on-error.js";
import { thrown } from "./law-06/thrown.js";
import { thrownAtTheEnd } from "./law-06/thrown-at-the-end.js";

/** Cases about the errors of kernels and callers, which carry a code wherever they are reported. */
export const law06: readonly Case[] = [...thrown, ...thrownAtTheEnd, ...onError, ...badInput, ...flows, ...flowEnds];
