import { spawn } from "node:child_process";
import { once } from "node:events";
import { devtools } from "@ringline/devtools";
import { openFlow } from "../ringline/open-flow.js";
import type { StreamSubject } from "../stream.js";
import { handleStage } from "../subjects/ringline-handle.js";

/** Reads the stream of a view until its input ends, as a page in another process does. */
const VIEWER = `const response = await fetch(process.argv[1] + "stream");
let isFirst = true;
process.stdin.on("end", () => process.exit()).resume();
for await (const _ of response.body) if (isFirst) isFirst = process.stdout.write("watching\\n") && false;`;

/** The flow with a view of it that nobody looks at. */
export const ringlineFlowAttached: StreamSubject = {
  name: "ringline-flow-attached",
  title: "the same flow with a view of it that nobody looks at",
  open: (stages) => openFlow(handleStage, stages, undefined, (runtime) => devtools(runtime)),
};

/** The flow with a viewer in another process. */
export const ringlineFlowWatched: StreamSubject = {
  name: "ringline-flow-watched",
  title: "the same flow with one viewer in another process",
  open: (stages) =>
    openFlow(handleStage, stages, undefined, async (runtime) => {
      const tools = await devtools(runtime);
      const args = ["--input-type=module", "-e", VIEWER, tools.url];
      const viewer = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
      await once(viewer.stdout, "data");
      return {
        async [Symbol.asyncDispose]() {
          viewer.stdin.end();
          await once(viewer, "exit");
          await tools.close();
        },
      };
    }),
};
