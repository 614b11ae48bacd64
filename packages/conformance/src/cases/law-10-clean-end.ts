import type { Case } from "../case.js";

export const law10: readonly Case[] = [];
