import type { Case } from "../case.js";

export const law07: readonly Case[] = [];
