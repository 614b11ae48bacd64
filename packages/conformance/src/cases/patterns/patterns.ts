import type { Case } from "../../case.js";
import { coordinated } from "./coordinator.js";
import { diamonds } from "./diamond.js";
import { fanning } from "./fan.js";
import { flows } from "./flows.js";
import { monitoring } from "./monitoring.js";
import { parallel } from "./parallel.js";
import { resilience } from "./resilient.js";
import { simple } from "./simple.js";
import { slowStage } from "./slow-stage.js";

/** The patterns of pipelines of ring kernels, as users write them. */
export const patterns: readonly Case[] = [
  ...simple,
  ...coordinated,
  ...parallel,
  ...fanning,
  ...diamonds,
  ...slowStage,
  ...resilience,
  ...monitoring,
  ...flows,
];
