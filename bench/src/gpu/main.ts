import { createRuntime, f32, pipeline, unifiedBuffer } from "@ringline/core";
import { webgpu } from "@ringline/webgpu";
import type { Summary } from "../stats/summary.js";
import {
  ask,
  Block,
  gpu,
  Item,
  lender,
  map,
  NEWS,
  News,
  resident,
  stateless,
  step,
  type Values,
  Whole,
  WINDOW,
  watch,
  without,
} from "./kernels.js";
import { packByHand, packByLayout, unpackByHand, unpackByLayout } from "./packing.js";
import { each, eachOf, ratioOf } from "./pairs.js";
import { printRow, type Wanted } from "./print-row.js";
import { rawChain } from "./raw-chain.js";

/** A target of the WebGPU backend with its measurement. Ratios of designs, not of processors. */
interface Row {
  readonly name: string;
  readonly wanted: Wanted;
  readonly measured: Summary;
}

const quick = process.argv.includes("--quick");
const only = process.argv.find((_, i, all) => all[i - 1] === "--only") ?? "";
const PAIRS = quick ? 5 : 15;
const rows: Row[] = [];
const runtime = createRuntime({ backend: webgpu() });

async function row(name: string, wanted: Row["wanted"], measure: () => Promise<Summary>): Promise<void> {
  if (!name.includes(only)) return;
  const measured = await measure();
  rows.push({ name, wanted, measured });
  printRow(name, wanted, measured);
}

async function main(): Promise<void> {
  await (await runtime.start(lender)).request(ask());
  console.log(
    `${gpu.adapter}${gpu.isSoftware ? " (software: its times say nothing about a GPU)" : ""}, ${PAIRS} pairs\n`,
  );
  await chains();
  await batching();
  await packing();
  await filters();
  await windows();
  await recovery();
  const json = { adapter: gpu.adapter, isSoftware: gpu.isSoftware, node: process.version, pairs: PAIRS, rows };
  await runtime.dispose();
  if (process.argv.includes("--json")) console.log(JSON.stringify(json, undefined, 2));
}

async function chains(): Promise<void> {
  const four = pipeline("fused").stage(step("a")).stage(step("b")).stage(step("c")).stage(step("d"));
  const fused = await runtime.run(four);
  const alone = await Promise.all(["w", "x", "y", "z"].map((id) => runtime.start(step(id))));
  const block = (input: Float32Array) => Block({ values: unifiedBuffer(f32, input) });
  type Input = ReturnType<typeof block>;
  const read = async ({ values }: { readonly values: Values }) => {
    const array = await values.read();
    values.release();
    return array;
  };
  const chain = async (input: Input) => read(await fused.request(input));
  // every stage brings its output back, and the next one takes it up again
  const apart = async (input: Input) => {
    let data = await read(await alone[0]!.request(input));
    for (const stage of alone.slice(1)) data = await read(await stage.request(block(data)));
    return data;
  };
  for (const [elements, name, most, least] of [
    [1024, "1 K", 1.35, 2],
    [65_536, "64 K", 1.15, 1 / 1.1],
    [1_048_576, "1 M", undefined, 1 / 1.1],
  ] as const) {
    const input = Float32Array.from({ length: elements }, (_, i) => i / elements);
    const raw = rawChain(gpu, elements);
    const times = elements > 100_000 ? 3 : 40;
    if (most !== undefined) {
      await row(`time of a chain of four / by hand, ${name}`, { atMost: most }, () =>
        ratioOf(
          eachOf(times, () => block(input), chain),
          each(times, () => raw(input)),
          PAIRS,
        ),
      );
    }
    await row(`speed of a chain of four / stage by stage, ${name}`, { atLeast: least }, () =>
      ratioOf(
        eachOf(times, () => block(input), apart),
        eachOf(times, () => block(input), chain),
        PAIRS,
      ),
    );
  }
  const input = Float32Array.from({ length: 1024 }, (_, i) => i);
  const blocks = () => Array.from({ length: 16 }, () => block(input));
  const together = (all: readonly Input[]) => Promise.all(all.map(chain));
  const oneByOne = async (all: readonly Input[]) => {
    for (const one of all) await apart(one);
  };
  await row("speed of a chain of four / stage by stage, 16 of 1 K", { atLeast: 3.5 }, () =>
    ratioOf(eachOf(8, blocks, oneByOne), eachOf(8, blocks, together), PAIRS),
  );
}

async function batching(): Promise<void> {
  const [one, many] = [await runtime.start(map("one", 1)), await runtime.start(map("many", 1024))];
  const through = async (kernel: typeof one, count: number) => {
    const begun = performance.now();
    const sending = (async () => {
      for (let id = 0; id < count; id++) await kernel.send(Item({ id, slot: 0, x: id, y: 0 }));
    })();
    for (let i = 0; i < count; i++) await kernel.receive();
    await sending;
    return (performance.now() - begun) / count;
  };
  const oneByOne = async () => {
    const begun = performance.now();
    for (let id = 0; id < 50; id++) await one.request(Item({ id, slot: 0, x: id, y: 0 }));
    return (performance.now() - begun) / 50;
  };
  await row("speed of batches of 1,024 / one by one", { atLeast: 100 }, () =>
    ratioOf(oneByOne, () => through(many, 20_480), PAIRS),
  );
  const runtimes = [1, 3].map((depth) => createRuntime({ backend: webgpu({ batch: { depth, bytes: 4 * 65_536 } }) }));
  const chains = await Promise.all(runtimes.map((own) => own.run(pipeline("deep").stage(step("a")).stage(step("b")))));
  const input = new Float32Array(65_536);
  const stream = (flow: (typeof chains)[number]) => async () => {
    const begun = performance.now();
    const source = function* () {
      for (let i = 0; i < 96; i++) yield Block({ values: unifiedBuffer(f32, input) });
    };
    for await (const { values } of flow.process(source())) values.release();
    return performance.now() - begun;
  };
  const [shallow, deep] = chains as [(typeof chains)[number], (typeof chains)[number]];
  await row("speed of depth 3 / depth 1, 64 K", { atLeast: 1.15 }, () => ratioOf(stream(shallow), stream(deep), PAIRS));
  await Promise.all(runtimes.map((own) => own.dispose()));
}

async function packing(): Promise<void> {
  const items = Array.from({ length: 10_000 }, (_, id) => Item({ id, slot: id % 7, x: id / 3, y: -id }));
  await row("time to pack 10,000 / by hand", { atMost: 1.5 }, () =>
    ratioOf(
      each(20, () => packByLayout(items)),
      each(20, () => packByHand(items)),
      PAIRS,
    ),
  );
  await row("time to unpack 10,000 / by hand", { atMost: 1.5 }, () =>
    ratioOf(
      each(20, () => unpackByLayout(items.length)),
      each(20, () => unpackByHand(items.length)),
      PAIRS,
    ),
  );
}

/** A source through three filters; the last one sees in which order they come. */
async function filters(): Promise<void> {
  const wanted = (count: number) =>
    Array.from({ length: count }, (_, id) => id).filter((id) => id % 2 !== 0 && id % 3 !== 0 && id % 5 !== 0).length;
  const through = async (ordering: "fifo" | "unordered", count: number) => {
    const chain = pipeline(ordering).stage(without(2, ordering)).stage(without(3, ordering)).stage(watch);
    const own = createRuntime({ backend: webgpu() });
    const flow = await own.run(chain);
    const pass = async () => {
      const begun = performance.now();
      const source = function* () {
        for (let id = 0; id < count; id++) yield Item({ id, slot: 0, x: id, y: 0 });
      };
      let [seen, last, swapped, inversions] = [0, -1, 0, 0];
      for await (const { id, slot } of flow.process(source())) {
        seen++;
        if (id <= last) swapped++;
        last = id;
        inversions = slot;
      }
      return { seen, swapped, inversions, time: performance.now() - begun };
    };
    return { pass, close: () => own.dispose() };
  };
  const name = "a million through three filters";
  if (name.includes(only)) {
    const count = quick ? 100_000 : 1_000_000;
    const { pass, close } = await through("fifo", count);
    const { seen, swapped, inversions, time } = await pass();
    const isMet = seen === wanted(count) && swapped === 0 && inversions === 0;
    console.log(
      `${isMet ? "met   " : "missed"}  ${count} through three filters: ${seen} of ${wanted(count)} came, ` +
        `${swapped} inversions, ${inversions} on the device, ${(time / 1000).toFixed(1)} s`,
    );
    await close();
  }
  const [fifo, unordered] = [await through("fifo", 100_000), await through("unordered", 100_000)];
  const timeOf = (side: typeof fifo) => async () => (await side.pass()).time;
  await row("time of three filters, fifo / unordered", { atMost: 2 }, () =>
    ratioOf(timeOf(fifo), timeOf(unordered), PAIRS),
  );
  await Promise.all([fifo.close(), unordered.close()]);
}

async function windows(): Promise<void> {
  const [kept, sent] = [await runtime.start(resident), await runtime.start(stateless)];
  const window = new Float32Array(WINDOW);
  const news = Array.from({ length: NEWS }, (_, i) => i);
  let at = 0;
  const keep = each(20, () => kept.request(News({ at: at++ % (WINDOW / NEWS), values: news })));
  const send = each(20, () => {
    window.set(news, (at++ % (WINDOW / NEWS)) * NEWS);
    return sent.request(Whole({ values: unifiedBuffer(f32, window) }));
  });
  await row("speed of a resident window of 74 K / sent each time, one by one", { atLeast: 1.5 }, () =>
    ratioOf(send, keep, PAIRS),
  );
  // the same work as a stream: how many go to the device together is left to the runtime on both sides
  const [keeping, sending] = [
    await runtime.run(pipeline("keeping").stage(resident.as("kept"))),
    await runtime.run(pipeline("sending").stage(stateless.as("sent"))),
  ];
  const stream = async <Input>(results: AsyncIterable<Input>) => {
    const begun = performance.now();
    for await (const _ of results);
    return performance.now() - begun;
  };
  const keepAll = () => stream(keeping.process(range(128, () => News({ at: at++ % (WINDOW / NEWS), values: news }))));
  const sendAll = () =>
    stream(
      sending.process(
        range(128, () => {
          window.set(news, (at++ % (WINDOW / NEWS)) * NEWS);
          return Whole({ values: unifiedBuffer(f32, window) });
        }),
      ),
    );
  await row("speed of a resident window of 74 K / sent each time, a stream", { atLeast: 1.5 }, () =>
    ratioOf(sendAll, keepAll, PAIRS),
  );
}

/** From the loss of a device to the next output, and from nothing to the first one: the same is opened, compiled and done. */
async function recovery(): Promise<void> {
  const input = new Float32Array(1024);
  const four = () => pipeline("lost").stage(step("a")).stage(step("b")).stage(step("c")).stage(step("d"));
  const begin = (of: typeof runtime) => of.run(four());
  const through = async (flow: Awaited<ReturnType<typeof begin>>) => {
    const { values } = await flow.request(Block({ values: unifiedBuffer(f32, input) }));
    values.release();
  };
  const own = createRuntime({ backend: webgpu() });
  await (await own.start(lender)).request(ask());
  const flow = await begin(own);
  const again = async () => {
    const begun = performance.now();
    gpu.device.destroy();
    await through(flow);
    return performance.now() - begun;
  };
  const anew = async () => {
    const begun = performance.now();
    const fresh = createRuntime({ backend: webgpu() });
    await through(await begin(fresh));
    const time = performance.now() - begun;
    await fresh.dispose();
    return time;
  };
  await row("time to recover from a lost device / to start anew", { atMost: 1.5 }, () => ratioOf(again, anew, PAIRS));
  await own.dispose();
}

function* range<Item>(count: number, make: () => Item) {
  for (let i = 0; i < count; i++) yield make();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
