import { body, defineMessage } from "@ringline/core";

/** The one message type of the bench; a stage answers a step with a step, so that any number of stages can follow. */
export const Step = defineMessage("Step", body<{ n: number }>());
