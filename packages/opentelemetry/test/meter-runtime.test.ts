import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { createRuntime } from "@ringline/core";
import { inProcess } from "@ringline/in-process";
import { expect, test } from "vitest";
import { meterRuntime } from "../src/index.js";
import { count, Order } from "./kernels/pipeline.mjs";

test("the telemetry of a runtime is offered as metrics", async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
  const provider = new MeterProvider({ readers: [reader] });
  const runtime = createRuntime({ backend: inProcess() });
  let asked = 0;
  const telemetry = () => {
    asked++;
    return runtime.telemetry();
  };
  const end = meterRuntime({ telemetry }, { meter: provider.getMeter("test"), attributes: { runtime: "shop" } });
  const handle = await runtime.start(count);
  for (let n = 0; n < 5; n++) await handle.request(Order({ n }));
  await handle.send(Order({ n: 6 }));
  await expect.poll(async () => (await handle.telemetry()).processed).toBe(6);

  const figures = async () => {
    exporter.reset();
    await provider.forceFlush();
    const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
    return new Map(all.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints]));
  };
  const found = await figures();
  const attributes = { runtime: "shop", "ringline.kernel": "count" };
  expect(found.get("ringline.messages.processed")).toEqual([expect.objectContaining({ value: 6, attributes })]);
  expect(found.get("ringline.queue.size")).toEqual([expect.objectContaining({ value: 0, attributes })]);
  expect(found.get("ringline.processing")?.map((point) => point.attributes["quantile"])).toEqual([
    "0.5",
    "0.9",
    "0.99",
  ]);
  expect(asked).toBe(1);
  end();
  await figures();
  expect(asked).toBe(1);
  await runtime.dispose();
  await provider.shutdown();
});
