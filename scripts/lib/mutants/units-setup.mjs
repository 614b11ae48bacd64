// Writes down which places the tests of a file have reached.
import { writeFileSync } from "node:fs";
import { afterAll, expect } from "vitest";

const folder = process.env["RINGLINE_HITS"];
if (folder !== undefined) {
  afterAll(() => {
    const file = expect.getState().testPath ?? "";
    const { hits = new Uint8Array() } = /** @type {any} */ (globalThis).__ringlineMutant ?? {};
    const reached = Array.from(hits.keys()).filter((i) => hits[i] === 1);
    writeFileSync(`${folder}/${encodeURIComponent(file)}.json`, JSON.stringify({ file, reached }));
  });
}
