import { body, defineKernel, defineMessage, graph, pipeline, type UnifiedBuffer, unifiedBuffer } from "@ringline/core";
import { handleReferencesOf, type SharedBuffer } from "@ringline/core/internal";
import { expect, it } from "vitest";
import { watched } from "../support/flow-kit.js";

const Work = defineMessage("Work", body<{ data: UnifiedBuffer<Float32Array> }>());
const pass = (id: string) => defineKernel({ id, input: Work, output: Work, handle: ({ data }) => Work({ data }) });

const references = (buffer: UnifiedBuffer<unknown>) => handleReferencesOf(buffer as SharedBuffer).slab.references;
const fresh = (value: number) => unifiedBuffer(Float32Array, [value]);

/** Checks that the buffer belongs to its receiver alone until it is released. */
async function isMine(data: UnifiedBuffer<Float32Array>, value: number): Promise<void> {
  expect([...(await data.read())]).toEqual([value]);
  expect(references(data)).toBe(1);
  data.release();
  expect(references(data)).toBe(0);
}

it("is its asker's, where an answer passes it on", async () => {
  const { runtime } = watched();
  const handle = await runtime.start(pass("pass"));
  const answer = await handle.request(Work({ data: fresh(1) }));
  await isMine(answer.data, 1);
});

it("is its reader's, where the last stage of a flow passes it on", async () => {
  const { runtime } = watched();
  const flow = await runtime.run(pipeline("p").stage(pass("a")).stage(pass("b")));
  await flow.send(Work({ data: fresh(2) }));
  const out = await flow.receive();
  await flow.drain();
  await isMine(out.data, 2);
});

it("is nobody's when a filter leaves its message out", async () => {
  const { runtime } = watched();
  const flow = await runtime.run(
    pipeline("p")
      .stage(pass("a"))
      .filter(() => false)
      .stage(pass("b")),
  );
  const data = fresh(3);
  await flow.send(Work({ data }));
  await flow.drain();
  expect(references(data)).toBe(0);
});

it("is everyone's to whom it is broadcast, of whom one filters and one fails", async () => {
  const { runtime, letters: deadLetters } = watched();
  const failing = defineKernel({
    id: "failing",
    input: Work,
    output: Work,
    handle(): never {
      throw new Error("on purpose");
    },
  });
  const flow = await runtime.run(
    graph("g", Work, (input, { merge }) =>
      merge(input.filter(() => false).stage(pass("a")), input.stage(pass("b")), input.stage(failing)),
    ),
  );
  const data = fresh(4);
  await flow.send(Work({ data }));
  const out = await flow.receive();
  await flow.drain();
  expect(deadLetters).toHaveLength(1);
  expect(references(data)).toBe(2);
  const [deadLetter] = runtime.deadLetters.take();
  if (Work.is(deadLetter?.message)) deadLetter.message.data.release();
  await isMine(out.data, 4);
});

it("is both targets' to whom it is broadcast, however soon one is done with it", async () => {
  const { runtime } = watched();
  const seen: number[] = [];
  const reading = (id: string) =>
    defineKernel({
      id,
      input: Work,
      queueSize: 1,
      async handle({ data }) {
        seen.push(...(await data.read()));
      },
    });
  const [source, quick, slow] = [pass("source"), reading("quick"), reading("slow")];
  for (const one of [source, quick]) await runtime.start(one);
  await runtime.launch(slow);
  await runtime.connect(source, quick, { mode: "broadcast" });
  await runtime.connect(source, slow, { mode: "broadcast" });
  const sent = [5, 6].map(fresh);
  for (const data of sent) await runtime.send(source, Work({ data }));
  await expect.poll(() => seen).toEqual([5, 6]); // slow has room for one
  await runtime.activate(slow);
  await expect.poll(() => seen).toEqual([5, 6, 5, 6]);
  await expect.poll(() => sent.map(references)).toEqual([0, 0]);
});

it("is refused when it was sent before, and leaves no trace", async () => {
  const { runtime } = watched();
  const handle = await runtime.start(
    defineKernel({ id: "sink", input: Work, queueSize: 1, backpressure: "drop-oldest", handle() {} }),
  );
  const data = fresh(7);
  await handle.send(Work({ data }));
  await expect.poll(() => references(data)).toBe(0);
  await runtime.deactivate("sink");
  await handle.send(Work({ data: fresh(8) }));
  await expect(handle.send(Work({ data }))).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  const { ledger } = await handle.telemetry();
  expect(ledger.input).toMatchObject({ accepted: 2, queued: 1, dropped: 0 });
});

it("does not let dead letters keep more than 256 MiB, but for the newest", async () => {
  const { runtime, letters: deadLetters } = watched();
  const failing = defineKernel({
    id: "failing",
    input: Work,
    handle(): never {
      throw new Error("on purpose");
    },
  });
  const handle = await runtime.start(failing);
  const large = Array.from({ length: 3 }, () => unifiedBuffer(Float32Array, 25 * 1024 * 1024));
  for (const data of large) await handle.send(Work({ data }));
  await expect.poll(() => deadLetters.length).toBe(3);
  expect(runtime.deadLetters).toMatchObject({ size: 2, evicted: 1 });
  expect(large.map(references)).toEqual([0, 1, 1]);
});
