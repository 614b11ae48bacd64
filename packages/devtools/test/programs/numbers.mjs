// A flow on threads or on a host, with a view of it: prints the address of the page, and ends when its input does.
import { fileURLToPath } from "node:url";
import { createRuntime, pipeline } from "@ringline/core";
import { devtools } from "@ringline/devtools";
import { inProcess } from "@ringline/in-process";
import { nats } from "@ringline/nats";
import { startHost, startServer } from "@ringline/nats/testing";
import { workerThreads } from "@ringline/worker-threads";
import { half, Num, square } from "../kernels/squares.mjs";

const tracer = new URL("../kernels/trace-thread.mjs", import.meta.url).href;
const isOnHosts = process.argv.includes("--hosts");
const server = isOnHosts ? await startServer() : undefined;
const modules = [fileURLToPath(new URL("../kernels/squares.mjs", import.meta.url))];
const host = server && (await startHost(server.address, modules));
const backend =
  server === undefined
    ? workerThreads({ threads: 2, execArgv: ["--import", tracer] })
    : nats({ servers: server.address });
const runtime = createRuntime({ backends: { [isOnHosts ? "hosts" : "threads"]: backend, loop: inProcess() } });
const flow = await runtime.run(pipeline("numbers").stage(square).stage(half));
for await (const _ of flow.process([2, 4].map((n) => Num({ n })))); // both have run
const tools = await devtools(runtime, { write: true });
console.log(tools.url);
process.stdin
  .on("end", async () => {
    await runtime.dispose();
    await host?.stop();
    await server?.stop();
  })
  .resume();
