export { type GracefulStop, gracefulStop, type StopOptions } from "./operations/graceful-stop.js";
export { type Health, healthOf } from "./operations/health.js";
export { prometheusText } from "./operations/prometheus-text.js";
export { type Operations, type OperationsOptions, serveOperations } from "./operations/serve-operations.js";
