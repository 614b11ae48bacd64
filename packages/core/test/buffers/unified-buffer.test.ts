import { body, createRuntime, defineKernel, defineMessage, type UnifiedBuffer, unifiedBuffer } from "@ringline/core";
import { handleReferencesOf, type SharedBuffer, Slab, setPlaceNumber, slabs } from "@ringline/core/internal";
import { describe, expect, it } from "vitest";
import { local } from "../support/local-backend.js";

const Work = defineMessage("Work", body<{ data: UnifiedBuffer<Float32Array> }>());
const Sum = defineMessage("Sum", body<{ sum: number }>());

const references = (buffer: UnifiedBuffer<unknown>) => handleReferencesOf(buffer as SharedBuffer).slab.references;

const sum = defineKernel({
  id: "sum",
  input: Work,
  output: Sum,
  queueSize: 2,
  backpressure: "drop-oldest",
  async handle({ data }) {
    return Sum({ sum: (await data.read()).reduce((a, b) => a + b, 0) });
  },
});
const pass = defineKernel({ id: "pass", input: Work, output: Work, handle: ({ data }) => Work({ data }) });
const fail = defineKernel({
  id: "fail",
  input: Work,
  output: Work,
  handle() {
    throw new Error("on purpose");
  },
});

describe("unifiedBuffer", () => {
  it("is zeroed when made by length, filled otherwise, and written from an offset", async () => {
    using full = unifiedBuffer(Float64Array, [1, 2, 3]);
    full.write([9], 2);
    expect([...(await full.read())]).toEqual([1, 2, 9]);
    full.release();
    using empty = unifiedBuffer(Float64Array, 3);
    expect([...(await empty.read())]).toEqual([0, 0, 0]);
    expect(empty.byteLength).toBe(24);
    expect(empty.side).toBe("host");
  });

  it("refuses wrong arguments, and use after its release", async () => {
    expect(() => unifiedBuffer(String as never, 3)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    expect(() => unifiedBuffer(Float32Array, -1)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    const buffer = unifiedBuffer(Float32Array, 4);
    expect(() => buffer.write([1, 2], 3)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    buffer.release();
    buffer.release();
    await expect(buffer.read()).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(() => buffer.write([1])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  it("uses memory again once nothing refers to it, and not before", () => {
    const buffer = unifiedBuffer(Uint8Array, 100_000).retain();
    const { slab } = handleReferencesOf(buffer as SharedBuffer);
    buffer.release();
    const other = unifiedBuffer(Uint8Array, 100_000);
    expect(handleReferencesOf(other as SharedBuffer).slab).not.toBe(slab);
    buffer.release();
    other.release();
    const before = slabs.bytes;
    for (let i = 0; i < 10; i++) unifiedBuffer(Uint8Array, 100_000).release();
    expect(slabs.bytes).toBe(before);
  });

  it("is handed over: settled, its memory is free; received, it is the receiver's", async () => {
    await using runtime = createRuntime({ backend: local() });
    await runtime.start(sum);
    await runtime.start(pass);
    const data = unifiedBuffer(Float32Array, [1, 2, 3]);
    expect(await runtime.request(sum, Work({ data }))).toMatchObject({ sum: 6 });
    expect(references(data)).toBe(0);
    const there = unifiedBuffer(Float32Array, [4]);
    await runtime.send(pass, Work({ data: there }));
    const back = await runtime.receive(pass);
    expect(references(back.data)).toBe(1);
    expect([...(await back.data.read())]).toEqual([4]);
    back.data.release();
    expect(references(there)).toBe(0);
  });

  it("stays with its sender when the send fails, and can be shared by several messages, read-only", async () => {
    await using runtime = createRuntime({ backend: local() });
    await runtime.launch(sum);
    using data = unifiedBuffer(Float32Array, [1]);
    data.retain();
    await runtime.send(sum, Work({ data }));
    expect(references(data)).toBe(2);
    expect(() => data.write([2])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" })); // the message has it, too
    await runtime.terminate(sum);
    for (const deadLetter of runtime.deadLetters.take())
      if (Work.is(deadLetter.message)) deadLetter.message.data.release();
    await expect(runtime.send(sum, Work({ data }))).rejects.toMatchObject({ code: "TERMINATED" });
    data.write([3]);
    expect([...(await data.read())]).toEqual([3]);
  });

  it("is made of a length or of numbers alone", () => {
    const wrong = ["10", "abc", null, undefined, {}, { length: 2 }, new Set([1]), ["1"], new Array(2), [1n], [null]];
    const views = [new DataView(new ArrayBuffer(8)), new ArrayBuffer(8), BigInt64Array.of(1n), -1, 1.5, Number.NaN];
    for (const from of [...wrong, ...views]) {
      expect(() => unifiedBuffer(Float32Array, from as number[])).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT" }),
      );
      if (typeof from === "number") continue;
      using data = unifiedBuffer(Float32Array, 4);
      expect(() => data.write(from as number[])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    }
  });

  it("is used up for its sender once it was accepted, in every field of its message", async () => {
    await using runtime = createRuntime({ backend: local() });
    await runtime.launch(sum);
    const data = unifiedBuffer(Float32Array, [1]);
    const message = Work({ data });
    await runtime.send(sum, message);
    expect(references(data)).toBe(1);
    for (const handle of [data, message.data]) {
      await expect(handle.read()).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(() => handle.write([2])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
      expect(() => handle.retain()).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
      handle.release();
    }
    await expect(runtime.send(sum, message)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(references(data)).toBe(1);
  });

  it("can only be read while somebody else has it", async () => {
    await using runtime = createRuntime({ backend: local() });
    const outcomes: unknown[] = [];
    const scribble = defineKernel({
      id: "scribble",
      input: Work,
      handle({ data }) {
        try {
          data.write([9]);
          outcomes.push("written");
        } catch (error) {
          outcomes.push((error as { code: string }).code);
        }
      },
    });
    await runtime.start(scribble);
    using data = unifiedBuffer(Float32Array, [1, 2]).retain();
    await runtime.send(scribble, Work({ data }));
    await expect.poll(() => references(data)).toBe(1);
    await runtime.send(scribble, Work({ data: data.retain() }));
    await expect.poll(() => references(data)).toBe(1);
    await runtime.send(scribble, Work({ data }));
    await expect.poll(() => outcomes).toEqual(["INVALID_ARGUMENT", "INVALID_ARGUMENT", "written"]);
  });

  it("is released by what is dropped, and held by dead letters until they go", async () => {
    await using runtime = createRuntime({ backend: local(), deadLetterLimit: 1 });
    await runtime.launch(sum);
    const sent = [1, 2, 3].map((value) => unifiedBuffer(Float32Array, [value]));
    for (const data of sent) await runtime.send(sum, Work({ data }));
    expect(sent.map(references)).toEqual([0, 1, 1]);
    await runtime.start(fail);
    const lost = [1, 2].map((value) => unifiedBuffer(Float32Array, [value]));
    for (const data of lost) await runtime.send(fail, Work({ data }));
    await expect.poll(() => runtime.deadLetters.evicted).toBe(1);
    expect(lost.map(references)).toEqual([0, 1]);
    const [deadLetter] = runtime.deadLetters.take({ kernelId: "fail" });
    const { data } = (deadLetter as { message: unknown }).message as { data: UnifiedBuffer<Float32Array> };
    data.release();
    expect(lost.map(references)).toEqual([0, 0]);
  });
});

describe("Slab", () => {
  it("reclaims what a lost place held, and nothing else", () => {
    const slab = new Slab(1, new SharedArrayBuffer(8192));
    expect(slab.claim()).toBe(true);
    slab.adjust(7, 1);
    slab.add(2);
    slab.adjust(8, 2);
    slab.reclaim(8);
    slab.reclaim(8);
    expect(slab.references).toBe(1);
    expect(slab.claim()).toBe(false);
    slab.reclaim(7);
    expect(slab.claim()).toBe(true);
    setPlaceNumber(0);
  });
});
