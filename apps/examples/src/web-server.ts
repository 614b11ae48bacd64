// A web server whose handlers ask a kernel. What its queue refuses becomes 503 with Retry-After; /metrics is for Prometheus.
import { isRinglineError, type KernelHandle, type KernelTelemetry, type MessageOf } from "@ringline/core";
import { Hono } from "hono";
import { Ask, type Primes } from "./primes-kernel.js";
import { prometheusText } from "./prometheus-text.js";

type Handle = KernelHandle<MessageOf<typeof Ask>, MessageOf<typeof Primes>>;

/** `telemetry`: of all kernels. */
export function webServer(primes: Handle, telemetry: () => Promise<ReadonlyMap<string, KernelTelemetry>>): Hono {
  const app = new Hono();
  app.get("/primes/:upTo{[0-9]+}", async (c) => {
    try {
      const options = { timeout: 5000, signal: c.req.raw.signal }; // who hangs up waits no more
      const { count } = await primes.request(Ask({ upTo: Number(c.req.param("upTo")) }), options);
      return c.json({ count });
    } catch (error) {
      if (isRinglineError(error, "QUEUE_FULL")) return c.text("Busy", 503, { "Retry-After": "1" });
      if (isRinglineError(error, "TIMEOUT")) return c.text("Took too long", 504);
      throw error;
    }
  });
  app.get("/metrics", async (c) => c.text(prometheusText(await telemetry())));
  return app;
}
