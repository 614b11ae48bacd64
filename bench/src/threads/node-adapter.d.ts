declare module "comlink/dist/esm/node-adapter.mjs" {
  import type { MessagePort, Worker } from "node:worker_threads";
  import type { Endpoint } from "comlink";
  /** A worker of Node as comlink talks to it. */
  export default function nodeEndpoint(endpoint: MessagePort | Worker): Endpoint;
}
