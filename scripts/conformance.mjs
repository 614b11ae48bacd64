// The conformance suite over every backend of this repository. JSON alone on stdout: npm run -s conformance -- --json
// With --examples over those in apps instead: they are not made to be fast, and take some minutes.
import { backendModules, command, exampleModules, natsModule } from "./lib/conformance.mjs";
import { useNatsServer } from "./lib/nats-server.mjs";
import { run } from "./lib/process.mjs";
import { setUp } from "./lib/setup.mjs";
import { useSoftwareGpu } from "./lib/software-gpu.mjs";

await setUp();
useSoftwareGpu();
const args = process.argv.slice(2).filter((arg) => arg !== "--examples");
const reason = useNatsServer();
if (reason !== undefined) console.error(`Skipped: nats, as ${reason}.`);
const backends = backendModules.filter((module) => reason === undefined || module !== natsModule);
const modules = args.length < process.argv.length - 2 ? exampleModules : backends;
const { code } = await run(process.execPath, [command, ...modules, ...args]);
process.exitCode = code;
