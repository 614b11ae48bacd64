import { body, createRuntime, defineKernel, defineMessage, type MessageOf, peer, pipeline } from "@ringline/core";
import { inProcess } from "@ringline/in-process";

export const Order = defineMessage("Order", body<{ readonly n: number; readonly note?: string }>());
export type Order = MessageOf<typeof Order>;
export const Verdict = defineMessage("Verdict", body<{ readonly isFine: boolean }>());

/** A gate: `opened` resolves when it is opened. */
export function door() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** A shop whose fraud check answers when the door opens: until then payment waits for it, and checkout for payment. */
export async function shop(queueSize = 4) {
  const fraudDoor = door();
  const fraud = defineKernel({
    id: "fraud",
    input: Order,
    output: Verdict,
    async handle() {
      await fraudDoor.opened;
      return Verdict({ isFine: true });
    },
  });
  const checkout = defineKernel({ id: "checkout", input: Order, output: Order, queueSize, handle: (order) => order });
  const payment = defineKernel({
    id: "payment",
    input: Order,
    output: Order,
    queueSize,
    peers: { fraud: peer("fraud", { input: Order, output: Verdict }) },
    async handle(order, { peers }) {
      await peers.fraud.request(Order({ n: order.n }));
      if (order.n < 0) throw new RangeError(`a negative order: ${order.note ?? order.n}`);
      return order;
    },
  });
  const runtime = createRuntime({ backends: { main: inProcess(), other: inProcess() } });
  runtime.on("error", () => {});
  runtime.on("stalled", () => {});
  await runtime.start(fraud);
  const flow = await runtime.run(pipeline("orders").stage(checkout).stage(payment), { maxInFlight: 100 });
  return { runtime, flow, fraudDoor };
}
