/** A backend adds to `ctx` by module augmentation; a kernel sees only the extensions that it asks for. */
import { defineKernel, defineMessage } from "@ringline/core";
import { same } from "./same.js";

declare module "@ringline/core" {
  interface BackendExtensions {
    readonly gpu: { readonly device: unknown; readonly adapter: string };
  }
}

const Tick = defineMessage("Tick");

defineKernel({
  id: "device",
  input: Tick,
  needs: ["gpu"],
  async run(ctx) {
    same<typeof ctx.gpu.adapter, string>();
  },
});
defineKernel({
  id: "plain",
  input: Tick,
  async run(ctx) {
    // @ts-expect-error an extension that it did not ask for
    ctx.gpu;
  },
});
// @ts-expect-error an extension that nobody adds
defineKernel({ id: "other", input: Tick, needs: ["fpga"], async run() {} });
