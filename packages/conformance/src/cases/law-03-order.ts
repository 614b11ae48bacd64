import type { Case } from "../case.js";

export const law03: readonly Case[] = [];
