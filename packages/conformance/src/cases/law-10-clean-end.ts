import type { Case } from "../case.js";
import { chaos } from "./law-10/chaos.js";
import { circles } from "./law-10/circles.js";
import { disposal } from "./law-10/disposal.js";
import { leaks } from "./law-10/leaks.js";
import { pending } from "./law-10/pending.js";

export const law10: readonly Case[] = [...disposal, ...pending, ...leaks, ...chaos, ...circles];
