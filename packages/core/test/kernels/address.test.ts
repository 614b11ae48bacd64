import { describe, expect, test } from "vitest";
import { defineKernel, defineMessage, peer } from "../../src/index.js";
import { idOfTarget } from "../../src/kernels/address.js";
import { codeOf } from "../support/settling.js";

const Tick = defineMessage("Tick");
const kernel = defineKernel({ id: "k", input: Tick, handle() {} });

describe("a target", () => {
  test.each([
    ["an id", "k"],
    ["a kernel", kernel],
    ["a peer", peer("k", { input: Tick })],
    ["anything with an id, such as a handle", { id: "k" }],
  ])("may be %s", (_, target) => {
    expect(idOfTarget(target)).toBe("k");
  });

  test.each([undefined, null, 3, {}, { id: 3 }, () => {}])("cannot be %o", async (target) => {
    expect(await codeOf(() => idOfTarget(target))).toBe("INVALID_ARGUMENT");
  });
});
