import { body, createRuntime, defineKernel, defineMessage } from "@ringline/core";
import { faults, virtualClock } from "@ringline/core/testing";
import { inProcess } from "@ringline/in-process";

const Order = defineMessage("Order", body<{ id: number }>());
const Paid = defineMessage("Paid", body<{ id: number }>());
const pay = defineKernel({
  id: "pay",
  input: Order,
  output: Paid,
  supervise: { restart: "on-failure", onCrash: "retry", backoff: { initial: 5000, jitter: 0 } },
  handle: ({ id }) => Paid({ id }),
});

/** A payment that crashes at its second order is tried again after five seconds, which take no time here. */
export async function retriesLater(): Promise<number[]> {
  const clock = virtualClock();
  const backend = faults(inProcess(), [{ do: "crash", kernelId: "pay", nth: 2 }]);
  await using runtime = createRuntime({ backend, clock });
  runtime.on("error", () => {}); // it is expected
  const orders = await runtime.start(pay);

  for (const id of [1, 2, 3]) await orders.send(Order({ id }));
  await clock.advance(4999);
  const before = (await orders.telemetry()).processed; // order 1
  await clock.advance(1);
  const after = (await orders.telemetry()).processed; // all of them
  return [before, after];
}
