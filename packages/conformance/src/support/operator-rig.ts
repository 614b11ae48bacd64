import type { AnyRef, KernelHandle, LaunchOptions } from "@ringline/core";
import { CaseOverdue, deepEqual, equal, PATIENCE, soon } from "../assert.js";
import type { Done, Job } from "../kernels/jobs.js";
import {
  clerk,
  committingOperator,
  manualOperator,
  Order,
  type Outcome,
  operator,
  orders,
  type Report,
  reports,
} from "../kernels/operator.js";
import type { Trial, TrialRuntime } from "../trial.js";

type Fields = Omit<Order, "type" | "messageId" | "priority" | "correlationId">;

/** A kernel whose context does what a case orders, so that the calls of a body can be tested from outside. */
export class OperatorRig {
  readonly #desk: KernelHandle<Order, Order>;
  readonly #reports: KernelHandle<Report, Report>;

  private constructor(
    readonly runtime: TrialRuntime,
    readonly kernel: KernelHandle<Job, Done>,
    desk: KernelHandle<Order, Order>,
    told: KernelHandle<Report, Report>,
  ) {
    this.#desk = desk;
    this.#reports = told;
  }

  /** Launches the operator without activating it. `target`: the peer of the operator. */
  static async launch(
    trial: Trial,
    {
      target,
      ack = "auto",
      ...options
    }: Pick<LaunchOptions<string, never>, "queueSize" | "backpressure" | "supervise"> & {
      readonly target?: AnyRef;
      readonly ack?: "auto" | "manual";
    } = {},
    runtime: TrialRuntime = trial.runtime(),
  ): Promise<OperatorRig> {
    const desk = await runtime.start(orders);
    const commits = options.supervise?.effects === "commit";
    const told = await runtime.start(commits ? clerk.as("reports") : reports);
    const kernel = commits ? committingOperator : ack === "manual" ? manualOperator : operator;
    const peers = target === undefined ? {} : { target };
    return new OperatorRig(runtime, await runtime.launch(kernel, { ...options, peers }), desk, told);
  }

  /** The same, active. */
  static async start(...args: Parameters<typeof OperatorRig.launch>): Promise<OperatorRig> {
    const rig = await OperatorRig.launch(...args);
    await rig.kernel.activate();
    return rig;
  }

  /** Orders calls and waits until they are made; the returned function waits until they have settled. */
  async begin(order: Fields): Promise<() => Promise<readonly Outcome[]>> {
    await this.#desk.send(Order(order));
    equal((await this.#reports.receive(soon)).phase, "begun", "phase of the report");
    return async () => {
      const report = await this.#reports.receive({
        timeout: soon.timeout + Math.max(0, Math.min(order.timeout || 0, soon.timeout)),
      });
      equal(report.phase, "ended", "phase of the report");
      return report.outcomes;
    };
  }

  /** Orders calls and waits until they have settled. */
  async do(order: Fields): Promise<readonly Outcome[]> {
    return (await this.begin(order))();
  }

  /** Every call ends with this code; null for success. */
  async expect(order: Fields, code: string | null): Promise<void> {
    const outcomes = await this.do(order);
    const isLate = code === null && (order.timeout ?? 0) >= PATIENCE && outcomes.some((one) => one.code === "TIMEOUT");
    if (isLate) throw new CaseOverdue(`${order.call}: not settled after ${order.timeout} ms`);
    codes(outcomes, code, order.call);
  }

  /** Sends an order that ends the body, without a report. */
  async end(call: "throw" | "return"): Promise<void> {
    await this.#desk.send(Order({ call }));
  }
}

/** Every outcome has this code; null for success. */
export function codes(outcomes: readonly Outcome[], code: string | null, what: string): void {
  deepEqual(
    outcomes.map((outcome) => outcome.code),
    outcomes.map(() => code),
    `codes of ${what}`,
  );
}
