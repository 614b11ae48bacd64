import type { Case } from "../case.js";

export const law08: readonly Case[] = [];
