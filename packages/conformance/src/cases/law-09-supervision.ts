import type { Case } from "../case.js";
import { between } from "./law-09/between-lives.js";
import { concurrency } from "./law-09/concurrency.js";
import { crashes } from "./law-09/crashes.js";
import { effects } from "./law-09/effects.js";
import { groupsOfStages } from "./law-09/groups.js";
import { ids } from "./law-09/ids.js";
import { limits } from "./law-09/limits.js";
import { options } from "./law-09/options.js";
import { policies } from "./law-09/policies.js";
import { requests } from "./law-09/requests.js";
import { state } from "./law-09/state.js";
import { stateByKey } from "./law-09/state-by-key.js";

export const law09: readonly Case[] = [
  ...policies,
  ...crashes,
  ...requests,
  ...limits,
  ...between,
  ...effects,
  ...ids,
  ...state,
  ...stateByKey,
  ...groupsOfStages,
  ...options,
  ...concurrency,
];
