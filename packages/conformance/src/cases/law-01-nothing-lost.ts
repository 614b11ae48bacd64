import type { Case } from "../case.js";

export const law01: readonly Case[] = [];
