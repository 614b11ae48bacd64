import { virtualClock } from "@ringline/core/testing";
import { inProcess } from "@ringline/in-process";
import { expect, test } from "vitest";
import { sensorAlerts } from "../src/sensor-alerts.js";

test("a sensor is silent a while after its last reading, and is back with the next one", async () => {
  const clock = virtualClock();
  const alerts: string[] = [];
  const lines = ["0,door,20", "20,oven,95", "40,door,21", "260,door,22"];
  let isOver = false;
  const told = sensorAlerts(inProcess(), lines, (alert) => alerts.push(`${clock.now()} ${alert}`), clock).then(() => {
    isOver = true;
  });
  while (!isOver) await clock.advance(10);
  await told;
  expect(alerts).toEqual([
    "20 oven hot: 95 degrees",
    "120 oven silent",
    "140 door silent",
    "260 door back",
    "360 door silent",
  ]);
});
