import type { Case } from "../case.js";

export const law05: readonly Case[] = [];
