import { serve } from "../browser/serve.js";
import { onInterruption } from "../process/interruption.js";
import { EXIT, print } from "./exit.js";
import { UsageError } from "./usage-error.js";
import { count, parse } from "./values.js";

const flags = { port: { type: "string" } } as const;

/** `browser`: serves the page until Ctrl-C. */
export async function browserCommand(args: readonly string[]): Promise<number> {
  const { values } = parse(args, flags);
  const port = values.port === undefined ? 0 : count(values.port, "--port");
  if (port > 65_535) throw new UsageError("--port takes a port, 1 to 65535");
  const signal = onInterruption();
  const { address, server } = await serve(port);
  await print(`Open ${address} in a browser. Ctrl-C ends this.\n`);
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  server.close();
  server.closeAllConnections();
  return EXIT.done;
}
