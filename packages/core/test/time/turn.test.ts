import { expect, test } from "vitest";
import { turn } from "../../src/time/turn.js";

/** Works on, without a rest, until it is somebody else's turn. */
function workOn(): void {
  while (!turn.spend());
}

test("who works on and on is asked to rest, and then timers and input have had their turn", async () => {
  for (let round = 0; round < 3; round++) {
    let others = 0;
    setImmediate(() => others++);
    workOn();
    expect(others).toBe(0);
    await turn.next();
    expect(others).toBe(1);
  }
});

test("all who share the event loop rest together", async () => {
  workOn();
  expect(turn.spend()).toBe(true);
  expect(turn.next()).toBe(turn.next());
  await turn.next();
});
