import { expect, test } from "vitest";
import { StallWatch } from "../../src/host/waits.js";
import { virtualClock } from "../../src/testing/virtual-clock.js";

function watched() {
  const clock = virtualClock();
  let stalls = 0;
  const watch = new StallWatch(clock, () => {
    stalls++;
  });
  return { clock, watch, stalls: () => stalls };
}

test("an output that waits for a second is noticed, once", async () => {
  const { clock, watch, stalls } = watched();
  watch.begin();
  await clock.advance(999);
  expect(stalls()).toBe(0);
  await clock.advance(1);
  expect(stalls()).toBe(1);
  await clock.advance(10_000);
  expect(stalls()).toBe(1);
});

test("outputs that wait one after another, each for less, are not", async () => {
  const { clock, watch, stalls } = watched();
  for (let i = 0; i < 50; i++) {
    watch.begin();
    await clock.advance(200);
    watch.end();
  }
  expect(stalls()).toBe(0);
});

test("after it got on it is noticed again, within a quarter of a second more", async () => {
  const { clock, watch, stalls } = watched();
  watch.begin();
  await clock.advance(1500);
  watch.end();
  watch.begin();
  await clock.advance(900);
  expect(stalls()).toBe(1);
  await clock.advance(350);
  expect(stalls()).toBe(2);
});

test("no timer runs once nothing waits, nor after the end", async () => {
  const { clock, watch } = watched();
  watch.begin();
  watch.end();
  await clock.advance(250);
  expect(clock.pending).toBe(0);
  watch.begin();
  watch.stop();
  expect(clock.pending).toBe(0);
});
