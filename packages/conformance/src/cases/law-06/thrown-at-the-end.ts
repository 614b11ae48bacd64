import { isRinglineError } from "@ringline/core";
import { fail, ok, PATIENCE, show, soon, within } from "../../assert.js";
import type { Case } from "../../case.js";
import { Task } from "../../kernels/messages.js";
import { handler, looper } from "../../kernels/workers.js";
import { reaches } from "../../support/traffic.js";

export const thrownAtTheEnd: readonly Case[] = [handler, looper].flatMap((kernel) =>
  [false, true].map(
    (drain): Case => ({
      law: 6,
      name: `throw: ${kernel.id} throws while it is being ended${drain ? ", with drain" : ""}: whoever asked learns why`,
      async run(trial) {
        const handle = await trial.runtime().start(kernel);
        const task = Task({ n: 1, fail: "boom", ...(drain ? { delay: 50 } : { hang: "until-asked" }) });
        const asked = handle.request(task, soon).then(
          (answer) => fail(`the request resolved with ${show(answer)}`),
          (error: unknown) => error,
        );
        await reaches(handle, { input: { inHand: 1 } });
        await within(PATIENCE, handle.terminate({ drain }), "terminate");
        const error = await asked;
        ok(isRinglineError(error), `an error of Ringline: ${show(error)}`);
        ok(error.code === "KERNEL_FAILED" || error.code === "TERMINATED", `code ${error.code}`);
        const told: string[] = [];
        for (let at: unknown = error; at instanceof Error; at = at.cause) told.push(at.message);
        ok(
          told.some((message) => message.includes("boom")),
          `the cause is in ${show(told)}`,
        );
      },
    }),
  ),
);
