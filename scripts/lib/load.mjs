import { spawn } from "node:child_process";

const spin = "for (;;);";
/** Writes 64 MiB again and again, and waits each time until the disk has them. */
const write = `
  const { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } = require("node:fs");
  const folder = mkdtempSync(require("node:path").join(require("node:os").tmpdir(), "ringline-load-"));
  process.on("SIGTERM", () => { rmSync(folder, { recursive: true, force: true }); process.exit(); });
  const megabyte = Buffer.alloc(2 ** 20, 1);
  const next = () => {
    const file = openSync(folder + "/load", "w");
    for (let i = 0; i < 64; i++) writeSync(file, megabyte);
    fsyncSync(file);
    closeSync(file);
    setImmediate(next);
  };
  next();`;

/** Keeps two cores and the disk busy until this process ends. */
export function keepBusy() {
  const children = [spin, spin, write].map((code) => spawn(process.execPath, ["-e", code], { stdio: "ignore" }));
  for (const child of children) child.unref();
  process.on("exit", () => {
    for (const child of children) child.kill("SIGTERM");
  });
}
