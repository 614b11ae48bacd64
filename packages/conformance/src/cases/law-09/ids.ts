import { deepEqual, equal, ok } from "../../assert.js";
import type { Case } from "../../case.js";
import { Job } from "../../kernels/jobs.js";
import { mortalHandler, mortalLoop } from "../../kernels/mortal.js";
import { quick, retrying, SupervisedRig } from "../../support/supervised.js";
import { collect, sendAll } from "../../support/traffic.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const idsOf = (messages: readonly { readonly messageId: string }[]) => messages.map(({ messageId }) => messageId);

/** Cases in which receivers detect duplicate outputs by their ids. */
export const ids: readonly Case[] = [mortalLoop, mortalHandler].flatMap((kernel): Case[] => [
  {
    law: 9,
    name: `ids: ${kernel.id}: what a retry sends again has the ids that it had before`,
    async run(trial) {
      const rig = await SupervisedRig.start(trial, kernel, { supervise: retrying });
      await sendAll(rig.kernel, [
        Job({ n: 0, outputs: 3, from: "host", failures: 1 }),
        Job({ n: 1, outputs: 3, from: "host" }),
      ]);
      const outputs = await collect(rig.kernel, 9);
      const all = idsOf(outputs);
      deepEqual(all.slice(0, 3), all.slice(3, 6), "ids of the first and the second try");
      equal(new Set(all).size, 6, "different ids");
      ok(
        all.every((id) => UUID.test(id)),
        "all are UUIDs",
      );
      const told = idsOf(await collect(rig.witness, 3));
      ok(
        told.every((id) => !all.includes(id)),
        "what went through a peer has other ids",
      );
    },
  },
  {
    law: 9,
    name: `ids: ${kernel.id}: another message has outputs with other ids, and so has a kernel that does not retry`,
    async run(trial) {
      for (const supervise of [retrying, quick]) {
        const rig = await SupervisedRig.start(trial, kernel, { supervise });
        await sendAll(rig.kernel, [Job({ n: 7, outputs: 3 }), Job({ n: 7, outputs: 3 })]);
        equal(new Set(idsOf(await collect(rig.kernel, 6))).size, 6, "different ids");
      }
    },
  },
]);
