import type { Case } from "../case.js";

export const law04: readonly Case[] = [];
