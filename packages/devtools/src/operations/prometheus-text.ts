import type { KernelInspection, KernelTelemetry, Latency, Runtime } from "@ringline/core";

type Value = (kernel: KernelTelemetry, inspected: KernelInspection) => number;
type Figure = readonly [name: string, help: string, of: Value];

const COUNTERS: readonly Figure[] = [
  ["received", "Deliveries to the kernel, redeliveries included", ({ received }) => received],
  ["processed", "Messages done", ({ processed }) => processed],
  ["sent", "Outputs, answers included", ({ sent }) => sent],
  ["dropped", "Messages dropped for newer ones", ({ dropped }) => dropped],
  ["rejected", "Messages rejected by a full input", ({ rejected }) => rejected],
  ["dead_lettered", "Messages that became dead letters", ({ deadLettered }) => deadLettered],
  ["requeued", "Messages redelivered after a failure", ({ requeued }) => requeued],
  ["errors", "Exceptions of the body", ({ errors }) => errors],
  ["restarts", "Incarnations after the first", ({ restarts }) => restarts],
];
const GAUGES: readonly Figure[] = [
  ["queued", "Messages that wait in the input", ({ ledger }) => ledger.input.queued],
  ["queue_size", "Capacity of the input", (_, { queueSize }) => queueSize],
  ["in_hand", "Messages in flight", ({ ledger }) => ledger.input.inHand],
  ["parked_senders", "Senders that wait for room in the input", (_, { parkedSenders }) => parkedSenders],
  ["active", "1 for an active kernel", (_, { state }) => (state === "active" ? 1 : 0)],
  ["failed", "1 for a kernel that has failed for good", (_, { state }) => (state === "failed" ? 1 : 0)],
];
const LATENCIES = [
  ["wait_seconds", "Time in the queue, one message in 64", ({ wait }: KernelTelemetry) => wait],
  ["processing_seconds", "Time in flight, one message in 64", ({ processing }: KernelTelemetry) => processing],
] as const;
/** Seconds of the upper bound of the first octave. */
const FIRST_BOUND = 1.6e-6;

/** The telemetry of a runtime as Prometheus reads it (text format 0.0.4): counters, gauges and histograms by kernel. */
export async function prometheusText(runtime: Runtime): Promise<string> {
  const telemetry = await runtime.telemetry();
  const { kernels, flows, cycles } = await runtime.inspect();
  const rows = kernels.flatMap((inspected) => {
    const kernel = telemetry.get(inspected.kernelId);
    const { kernelId, backend, flow, stage } = inspected;
    return kernel === undefined
      ? []
      : [{ kernel, inspected, labels: labelsOf({ kernel: kernelId, backend, flow, stage }) }];
  });
  const lines: string[] = [];
  const family = (name: string, help: string, type: string, values: readonly (readonly [string, number])[]) => {
    lines.push(`# HELP ringline_${name} ${help}.`, `# TYPE ringline_${name} ${type}`);
    for (const [labels, value] of values) lines.push(`ringline_${name}${labels} ${value}`);
  };
  for (const [name, help, of] of COUNTERS) {
    const values = rows.map(({ kernel, inspected, labels }) => [`{${labels}}`, of(kernel, inspected)] as const);
    family(`${name}_total`, help, "counter", values);
  }
  for (const [name, help, of] of GAUGES) {
    family(
      name,
      help,
      "gauge",
      rows.map(({ kernel, inspected, labels }) => [`{${labels}}`, of(kernel, inspected)] as const),
    );
  }
  for (const [name, help, of] of LATENCIES) {
    lines.push(`# HELP ringline_${name} ${help}.`, `# TYPE ringline_${name} histogram`);
    for (const { kernel, labels } of rows) lines.push(...histogram(`ringline_${name}`, labels, of(kernel)));
  }
  const byFlow = flows.map((flow) => [`{${labelsOf({ flow: flow.flow })}}`, flow] as const);
  family(
    "flow_in_flight",
    "Inputs accepted and not settled",
    "gauge",
    byFlow.map(([labels, { inFlight }]) => [labels, inFlight]),
  );
  family(
    "flow_unread",
    "Outputs that nobody has read",
    "gauge",
    byFlow.map(([labels, { unread }]) => [labels, unread]),
  );
  family("dead_letters", "Dead letters in the store", "gauge", [["", runtime.deadLetters.size]]);
  family("dead_letters_evicted_total", "Dead letters evicted from the full store", "counter", [
    ["", runtime.deadLetters.evicted],
  ]);
  family("cycles", "Circles of kernels that wait for each other", "gauge", [["", cycles.length]]);
  return `${lines.join("\n")}\n`;
}

/** Buckets with the octaves as bounds. The sum is estimated from the middle of each. */
function histogram(name: string, labels: string, { octaves }: Latency): string[] {
  let values = 0;
  let sum = 0;
  const lines = octaves.map((n, i) => {
    const bound = FIRST_BOUND * 2 ** i;
    values += n;
    sum += n * bound * 0.75;
    return `${name}_bucket{${labels},le="${bound.toPrecision(4)}"} ${values}`;
  });
  return [
    ...lines,
    `${name}_bucket{${labels},le="+Inf"} ${values}`,
    `${name}_sum{${labels}} ${sum}`,
    `${name}_count{${labels}} ${values}`,
  ];
}

function labelsOf(labels: Readonly<Record<string, string | null>>): string {
  return Object.entries(labels)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}="${String(value).replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n")}"`)
    .join(",");
}
