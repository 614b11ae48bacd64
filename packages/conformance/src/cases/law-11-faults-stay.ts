import type { Case } from "../case.js";
import { callers } from "./law-11/callers.js";
import { flows } from "./law-11/flows.js";
import { kernels } from "./law-11/kernels.js";
import { listeners } from "./law-11/listeners.js";
import { messages } from "./law-11/messages.js";

export const law11: readonly Case[] = [...messages, ...kernels, ...flows, ...callers, ...listeners];
