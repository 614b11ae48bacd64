import type { Case } from "../case.js";
import { counters } from "./law-07/counters.js";
import { flows } from "./law-07/flows.js";
import { inspection } from "./law-07/inspection.js";
import { measures } from "./law-07/measures.js";
import { moments } from "./law-07/moments.js";

/** Every figure of telemetry is correct. */
export const law07: readonly Case[] = [...counters, ...moments, ...measures, ...inspection, ...flows];
