import { connect } from "@nats-io/transport-node";
import { describeKeeper } from "@ringline/conformance/vitest";
import { findServer, startServer } from "@ringline/nats/testing";
import { afterAll, beforeAll, describe } from "vitest";
import { streamKeeper } from "../src/journal/stream-log.js";

describe.skipIf(findServer() === undefined)("JetStream", () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let stores = 0;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  describeKeeper({
    name: "as a keeper",
    create() {
      const prefix = `store-${stores++}`;
      return {
        name: "jetstream",
        async open() {
          const client = await connect({ servers: server.address });
          return { ...streamKeeper(client, prefix, { storage: "memory" }), close: () => client.close() };
        },
      };
    },
  });
});
