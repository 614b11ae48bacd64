import type { Wait } from "../seam/incarnation.js";
import type { FlowSeat } from "./flow-seat.js";
import type { KernelOutput } from "./kernel-output.js";

/** The targets that the outputs of a kernel wait for. */
export class OutputWaits {
  readonly #seat: FlowSeat | undefined;
  readonly #output: KernelOutput;

  constructor(seat: FlowSeat | undefined, output: KernelOutput) {
    this.#seat = seat;
    this.#output = output;
  }

  get inWords(): string {
    if (this.#seat === undefined) return this.#output.waitsOn;
    return this.#seat.next.join(", ") || `a reader of "${this.#seat.flow}"`;
  }

  /** The same waits, each with the kernel that can end it. */
  resolve(waits: readonly Wait[]): Wait[] {
    return waits.flatMap((wait) => (wait.for === "room" && wait.kernelId === null ? this.#list(wait.count) : [wait]));
  }

  #list(count: number): Wait[] {
    if (this.#seat === undefined) return this.#output.waits(count);
    const { flow, next } = this.#seat;
    if (next.length === 0) return [{ for: "reader", kernelId: flow, count }];
    return next.map((name) => ({ for: "room", kernelId: `${flow}.${name}`, count }));
  }
}
