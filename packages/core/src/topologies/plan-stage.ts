import { checkOptions } from "../errors/check-options.js";
import { checkPortOptions, type KernelDefinition, type OnError } from "../kernels/kernel.js";
import { checkOnError } from "../kernels/on-error.js";
import { checkCommit, planSupervision } from "../kernels/supervision.js";
import type { AnyMessage } from "../messages/any-message.js";
import { HEADER_FIELDS } from "../messages/header.js";
import type { Source, StagePlan } from "./plan.js";
import { checkedAt, checkName, checkNodeOptions, type NodePlace, wrongOption } from "./plan-nodes.js";
import type { ElasticWorkers, StageOptions } from "./topology.js";

/** Stage options for any message types. */
export type AnyStageOptions = StageOptions<never, unknown>;

const KNOWN = [
  "name",
  "backend",
  "workers",
  "by",
  "order",
  "rate",
  "durable",
  "queueSize",
  "backpressure",
  "onError",
  "supervise",
];

/** Plans a kernel as a node. Throws `INVALID_ARGUMENT`. */
export function planStage(
  kernel: KernelDefinition,
  options: AnyStageOptions,
  from: Source,
  module: string | undefined,
  place: NodePlace,
): StagePlan {
  checkNodeOptions(place, options, KNOWN, "a stage");
  const {
    name,
    backend,
    workers = 1,
    by = "round-robin",
    order = "preserve",
    rate = Number.POSITIVE_INFINITY,
    durable = false,
  } = options;
  checkName(place, "name", name);
  checkName(place, "backend", backend);
  const elastic = planWorkers(place, workers);
  if (!["preserve", "unordered", "any"].includes(order)) {
    throw wrongOption(place, "order", order, '`order` is "preserve" or "unordered".');
  }
  if (!(typeof rate === "number" && rate > 0)) {
    throw wrongOption(place, "rate", rate, "`rate` is messages a second, more than 0; leave it out for no limit.");
  }
  if (typeof durable !== "boolean") {
    throw wrongOption(place, "durable", durable, "`durable` is true or false.");
  }
  if (kernel.keyed !== undefined && elastic.maxWorkers > 1 && typeof by === "string") {
    const remedy = "Its kernel has a state by key: `by` gives the key that a worker has to itself.";
    throw wrongOption(place, "by", by, remedy);
  }
  const { onError, supervise } = options;
  checkStageOnError(place, onError);
  const port = checkedAt(place, () => checkPortOptions(options));
  checkedAt(place, () => checkCommit(planSupervision(supervise, kernel.supervise), kernel.ack));
  return {
    kind: "kernel",
    name: name ?? kernel.id,
    module,
    from,
    kernel: { ...kernel, ...port },
    backend,
    ...elastic,
    ...planSharing(place, by),
    order: order === "preserve" ? order : "unordered",
    rate,
    durable,
    onError: onError as OnError<AnyMessage, unknown> | undefined,
    supervise,
    group: null,
  };
}

/** Maximum number of workers of a stage that does not say it. */
const MOST_WORKERS = 64;
const isCount = (value: unknown, least: number) => Number.isSafeInteger(value) && (value as number) >= least;

function planWorkers(place: NodePlace, workers: number | ElasticWorkers) {
  if (typeof workers !== "object" || workers === null) {
    if (!isCount(workers, 1)) {
      throw wrongOption(
        place,
        "workers",
        workers,
        "`workers` is a whole number of copies, at least 1, or { min, max }.",
      );
    }
    return { workers, maxWorkers: workers === 1 ? 1 : Math.max(workers, MOST_WORKERS), scaling: undefined };
  }
  checkedAt(place, () => checkOptions(workers, ["min", "max", "every"], "`workers`", { path: "workers." }));
  const { min = 1, max, every = 1000 } = workers;
  if (!(isCount(min, 1) && isCount(max, min + 1))) {
    throw wrongOption(place, "workers", workers, "`min` and `max` are whole numbers, `min` at least 1, `max` more.");
  }
  if (!(typeof every === "number" && every > 0)) {
    throw wrongOption(place, "workers.every", every, "`every` is milliseconds, more than 0.");
  }
  return { workers: min, maxWorkers: max, scaling: { min, max, every } };
}

/** Throws `INVALID_ARGUMENT`. */
export function checkStageOnError(place: NodePlace, onError: unknown): void {
  if (onError === undefined || onError === "reply") return;
  checkedAt(place, () => checkOnError(onError as OnError<never, unknown>));
}

const PARTITIONS = ["round-robin", "least-loaded", "broadcast"];

function planSharing(place: NodePlace, by: NonNullable<AnyStageOptions["by"]>): Pick<StagePlan, "by" | "key"> {
  if (typeof by === "function") return { by: by as (message: unknown) => string | number, key: undefined };
  if (typeof by === "string" && PARTITIONS.includes(by)) return { by, key: undefined };
  const key: unknown = typeof by === "object" && by !== null ? by.key : undefined;
  const isField = typeof key === "string" && key !== "" && !(HEADER_FIELDS as readonly string[]).includes(key);
  if (!isField || Object.keys(by).length !== 1) {
    const ways = PARTITIONS.map((way) => `"${way}"`).join(", ");
    throw wrongOption(place, "by", by, `\`by\` is ${ways}, { key: "field of the body" } or a function.`);
  }
  return { by: (message) => (message as unknown as Record<string, string | number>)[key]!, key };
}
