// What `npm run conformance` tests of this package, with a server and two hosts of its own.
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { nats } from "@ringline/nats";
import { startHost, startServer } from "@ringline/nats/testing";

/** The suite's kernels. */
const folder = join(dirname(fileURLToPath(import.meta.resolve("@ringline/conformance"))), "kernels");
const modules = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".js"))
  .map((file) => join(folder, file));

async function subject() {
  const { address } = await startServer();
  await Promise.all([startHost(address, modules), startHost(address, modules)]);
  return { name: "nats", create: () => nats({ servers: address }) };
}

/** @type {import("@ringline/conformance").Subject[]} */
export default [await subject()];
