import type { Case } from "../case.js";

export const law02: readonly Case[] = [];
