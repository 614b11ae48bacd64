import { expect, test } from "vitest";
import { packValue, unpackValue } from "../../src/codec/packed.js";
import { Endpoint, type Platform } from "../../src/endpoint/endpoint.js";
import { HOST, Link } from "../../src/endpoint/link.js";
import { type SegmentEvent, takeEvents } from "../../src/endpoint/wire.js";
import { BELL } from "../../src/ring/bell.js";
import { LOG_CONTROL } from "../../src/ring/log-writer.js";

/** A channel as browsers have it: what was posted arrives later, when `deliver` is called, and cannot be fetched. */
class LateChannel {
  readonly posted: unknown[] = [];
  arrived: (message: unknown) => void = () => {};

  deliver(): void {
    for (const message of this.posted.splice(0)) this.arrived(message);
  }
}

const shared = (bytes: number) => new SharedArrayBuffer(bytes);
const THREAD = 1;

/** The host and a thread, both in this thread, which hear from each other by late channels. */
function pair() {
  const [toThread, toHost] = [new LateChannel(), new LateChannel()];
  const platform = (out: LateChannel, into: LateChannel): Platform => ({
    packer: { pack: packValue, unpack: unpackValue, trim() {} },
    open(_, arrived) {
      into.arrived = arrived;
      return { post: (message) => void out.posted.push(message), close() {} };
    },
  });
  const bells = [shared(BELL), shared(BELL)] as const;
  const logs = [shared(LOG_CONTROL), shared(LOG_CONTROL)] as const;
  const host = new Endpoint(HOST, bells[0], platform(toThread, toHost));
  const thread = new Endpoint(THREAD, bells[1], platform(toHost, toThread));
  const link = (from: Endpoint, to: number, own: number) => {
    const memory = { out: logs[own] as SharedArrayBuffer, in: logs[1 - own] as SharedArrayBuffer };
    const other = { ...memory, bell: bells[1 - own] as SharedArrayBuffer };
    const wire = from.openWire({}, other, (event) => takeEvents(event as SegmentEvent, made.reader));
    const made: Link = new Link(to, other, bells[own] as SharedArrayBuffer, wire, {
      segment: (id, memory) => wire.post({ log: to, id, memory }),
      forget: (id) => wire.post({ log: to, id }),
    });
    from.links.add(made);
  };
  link(host, THREAD, 0);
  link(thread, HOST, 1);
  return { host, thread, toHost };
}

test("what was published is read once its memory has arrived, and then in order", async () => {
  const { host, thread, toHost } = pair();
  const seen: number[] = [];
  host.handlers.on("say", ({ n }: { n: number }) => void seen.push(n));
  for (const n of [1, 2, 3]) thread.notify(HOST, { k: "say", n });
  host.wake();
  expect(seen).toEqual([]);
  const caughtUp = host.intake.catchUp();
  expect(caughtUp).toBeInstanceOf(Promise);
  toHost.deliver();
  await caughtUp;
  host.intake.runDeferred();
  expect(seen).toEqual([1, 2, 3]);
  // the memory is known by now
  thread.notify(HOST, { k: "say", n: 4 });
  expect(host.intake.catchUp()).toBeUndefined();
  host.intake.runDeferred();
  expect(seen).toEqual([1, 2, 3, 4]);
});

test("a thread that has ended is heard to its last word, though its memory arrives after its end", async () => {
  const { host, thread, toHost } = pair();
  const seen: number[] = [];
  host.handlers.on("say", ({ n }: { n: number }) => void seen.push(n));
  thread.notify(HOST, { k: "say", n: 1 });
  const left = host.disconnect(THREAD);
  expect(host.links.get(THREAD)).toBeDefined();
  toHost.deliver();
  await left;
  expect(seen).toEqual([1]);
  expect(host.links.get(THREAD)).toBeUndefined();
});
