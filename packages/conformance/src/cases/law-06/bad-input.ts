import type { Case } from "../../case.js";
import { kernelCases } from "./bad-input/kernels.js";
import { linkCases, shapeCases } from "./bad-input/links.js";
import { messageCases } from "./bad-input/messages.js";
import { optionCases } from "./bad-input/options.js";

/** Cases about mistakes of callers: each is rejected with its code and has no effect. */
export const badInput: readonly Case[] = [...kernelCases, ...messageCases, ...optionCases, ...linkCases, ...shapeCases];
