import { type Backend, body, createRuntime, defineKernel, defineMessage, isRinglineError } from "@ringline/core";
import { faults, virtualClock } from "@ringline/core/testing";

const Bid = defineMessage("Bid", body<{ amount: number }>());
const Best = defineMessage("Best", body<{ amount: number }>());

/** The kernel under test: sends the best bid ten seconds after the last one arrived. */
export const auction = defineKernel({
  id: "auction",
  module: import.meta.url,
  input: Bid,
  output: Best,
  supervise: { restart: "on-failure", onCrash: "retry", backoff: { initial: 1000, jitter: 0 } },
  async run(ctx) {
    while (!ctx.shouldTerminate) {
      let best = (await ctx.receive()).amount;
      for (;;) {
        try {
          best = Math.max(best, (await ctx.receive({ timeout: 10_000 })).amount);
        } catch (error) {
          if (!isRinglineError(error, "TIMEOUT")) throw error;
          break;
        }
      }
      await ctx.send(Best({ amount: best }));
    }
  },
});

export async function main(backend: Backend): Promise<void> {
  // time passes only when the test advances it
  const clock = virtualClock();
  await using runtime = createRuntime({ backend, clock });
  const kernel = await runtime.start(auction);
  await kernel.send(Bid({ amount: 20 }));
  await kernel.send(Bid({ amount: 30 }));
  await clock.advance(9_999);
  console.log(`sent after 9,999 ms: ${(await kernel.telemetry()).sent}`);
  await clock.advance(1);
  console.log(`sold for ${(await kernel.receive({ timeout: 0 })).amount}`);

  // a crash at the first bid: retried after a second of virtual time
  const crashing = createRuntime({ backend: faults(backend, [{ do: "crash", kernelId: "auction", nth: 1 }]), clock });
  crashing.on("error", () => {});
  const again = await crashing.start(auction);
  await again.send(Bid({ amount: 7 }));
  await clock.advance(11_000);
  console.log(`sold for ${(await again.receive({ timeout: 0 })).amount} in spite of a crash`);
  await crashing.dispose();
}
