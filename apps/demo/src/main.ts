import { anomaliesCommand } from "./anomalies/anomalies-command.js";
import { arraysCommand } from "./arrays/arrays-command.js";
import { Interruption } from "./cli/interruption.js";
import { parseCommand } from "./cli/parse-command.js";
import { HELP, USAGE } from "./cli/usage.js";
import { UsageError } from "./cli/usage-error.js";
import { clustersCommand } from "./clusters/clusters-command.js";
import { flightsCommand } from "./flights/flights-command.js";
import { patterns } from "./patterns/patterns.js";
import { patternsCommand } from "./patterns/patterns-command.js";

const EXIT = { done: 0, failed: 1, usage: 2 } as const;

async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args);
  switch (command.kind) {
    case "help":
      console.log(HELP);
      return EXIT.done;
    case "list":
      for (const { name, summary } of patterns) console.log(`${name.padEnd(20)}${summary}`);
      return EXIT.done;
    case "anomalies":
      return (await anomaliesCommand(command.backend)) ? EXIT.done : EXIT.failed;
    case "arrays":
      return (await arraysCommand(command.backend)) ? EXIT.done : EXIT.failed;
    case "clusters":
      return (await clustersCommand(command.backend)) ? EXIT.done : EXIT.failed;
    case "patterns":
      await patternsCommand(command);
      return EXIT.done;
    case "flights": {
      const interruption = new Interruption();
      const ok = await flightsCommand(command, interruption.signal);
      return interruption.exitCode ?? (ok ? EXIT.done : EXIT.failed);
    }
  }
}

// whoever reads the output may stop early: `npm run demo -- --help | head -1`
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

main(process.argv.slice(2)).then(
  (code) => {
    // not process.exit: a clean end leaves nothing behind that would keep the process alive
    process.exitCode = code;
  },
  (error: unknown) => {
    const usage = error instanceof UsageError;
    console.error(usage ? `${error.message}\n${USAGE}` : error);
    process.exitCode = usage ? EXIT.usage : EXIT.failed;
  },
);
