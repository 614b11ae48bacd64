import type { Case } from "../case.js";

export const law06: readonly Case[] = [];
