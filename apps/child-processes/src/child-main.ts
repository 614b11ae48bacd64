import { hostKernel, type Port } from "@ringline/core/backend";
import {
  callsOf,
  copyValue,
  errorToWire,
  exitToWire,
  Histogram,
  kernelOf,
  loadKernel,
  remoteReports,
  systemClock,
  type UnitSetup,
  unpackValue,
} from "@ringline/remote";
import { ChildInlet } from "./child-inlet.js";
import { ChildRoutes } from "./child-routes.js";
import { HostConnection } from "./host-connection.js";

/** Main program of a child process: runs incarnations of kernels, one at a time. */
const line = new HostConnection();
const { channel } = line;
const { handlers } = channel;
let inlet: ChildInlet | undefined;

async function begin(setup: UnitSetup): Promise<void> {
  const { id, definedAs, module, supervise: _, onError, ...unit } = setup;
  const kernel = kernelOf(await loadKernel(module, definedAs, onError), setup);
  const input = new ChildInlet(line, id);
  inlet = input;
  const processing = new Histogram();
  const running = hostKernel(
    {
      ...unit,
      kernel,
      processing,
      input: { inlet: input } as unknown as Port, // the rest of the port is with the host
      routes: new ChildRoutes(kernel, setup.peers, line),
      reports: remoteReports({
        channel,
        send: (k, fields) => channel.send({ ...fields, k }),
        keyOf: (message) => input.keyOf(message),
      }),
      clock: systemClock,
    },
    { copyState: copyValue },
  );
  for (const [k, handle] of Object.entries(callsOf(running, processing))) handlers.on(k, handle);
  void exitToWire(running, processing).then((exit) => channel.send({ ...exit, k: "exited" }));
}

handlers.on("begin", begin);
handlers.on("readable", () => inlet?.readable());

process.on("message", (told: Uint8Array) => channel.handle(unpackValue(told)));
process.on("disconnect", () => process.exit());
// a throw in a timer, a rejection that nobody handles: the kernel has lost its place, and its host is told why
process.on("uncaughtException", (error) => {
  channel.send({ k: "crashed", error: errorToWire(error) });
  process.exit(1);
});
