import { createReadStream } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream";
import { type StreamArrayItem, streamArray } from "stream-json/streamers/stream-array.js";

const require = createRequire(import.meta.url);

/** Found from the main entry, as the package exports nothing but that. */
const FILE = join(dirname(require.resolve("vega-datasets")), "../data/flights-200k.json");

/** Rows in the file. */
export const ALL_ROWS = 200_000;

/** The flights of vega-datasets, parsed as they are read. Leaving the loop closes the file. */
export async function* readRows(): AsyncGenerator<unknown> {
  const parser = streamArray.withParserAsStream({ streamValues: false });
  // what fails on the way ends the loop below, too
  const items: AsyncIterable<StreamArrayItem> = pipeline(createReadStream(FILE), parser, () => {});
  for await (const { value } of items) yield value;
}
