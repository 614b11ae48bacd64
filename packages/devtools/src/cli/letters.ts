import type { LetterDetail, LetterView } from "../watch/model.js";
import { many } from "../watch/words.js";
import { type Client, escaped, plain, toJson } from "./client.js";
import { type Options, UsageError } from "./options.js";

/** Runs `ringline letters <verb>`. Resolves to the exit code. */
export async function letters(
  verb: string,
  client: Client,
  refs: readonly string[],
  options: Options,
  print: (text: string) => void,
): Promise<number> {
  const which = { kernelId: options.kernel, reason: options.reason };
  switch (verb) {
    case "list": {
      const found = await client.get<LetterView[]>("api/letters", { ...which, most: options.most ?? 100 });
      if (options.json) print(`${toJson(found)}\n`);
      else if (found.length === 0) print("No dead letters.\n");
      else for (const letter of found) print(`${plain(lineOf(letter))}\n`);
      return 0;
    }
    case "show": {
      const [ref] = numbersOf(refs);
      if (ref === undefined) throw new UsageError("Which one? Its number is the first thing in `letters list`.");
      const letter = await client.get<LetterDetail>("api/letter", { ref });
      print(options.json ? `${toJson(letter)}\n` : `${plain(detailOf(letter))}\n`);
      return 0;
    }
    case "export":
      print(escaped(await client.text("api/export", which)));
      return 0;
    case "replay":
    case "discard": {
      const numbers = numbersOf(refs);
      const isChosen = numbers.length > 0 || options.kernel !== undefined || options.reason !== undefined;
      if (!isChosen && !options.all) throw new UsageError(`Which ones? Give numbers, --kernel, --reason or --all.`);
      const { kernelId: target, reason } = which;
      const act = await client.act({
        act: verb,
        ...(numbers.length > 0 && { refs: numbers }),
        ...(target !== undefined && { target }),
        ...(reason !== undefined && { reason }),
      });
      print(options.json ? `${toJson(act)}\n` : `${plain(act.text)}\n`);
      return act.isDone ? 0 : 1;
    }
    default:
      throw new UsageError(`"letters" has no "${verb}": list, show, replay, discard, export.`);
  }
}

function numbersOf(refs: readonly string[]): number[] {
  return refs.map((ref) => {
    if (!/^\d+$/.test(ref)) throw new UsageError(`"${ref}" is no number of a dead letter.`);
    return Number(ref);
  });
}

function lineOf({ ref, at, kernelId, reason, attempts, preview }: LetterView): string {
  const time = new Date(at).toISOString().slice(0, 19).replace("T", " ");
  return `${String(ref).padStart(4)}  ${time}  ${kernelId}  ${reason}  ${many(attempts, "attempt")}  ${preview.replaceAll("\n", " ")}`;
}

function detailOf({ kernelId, reason, attempts, messageId, message, causes, remedy }: LetterDetail): string {
  const errors = causes.map(({ name, message: text, stack }, i) => {
    return `${i === 0 ? "" : "caused by "}${stack ?? `${name}: ${text}`}`;
  });
  return [
    `${kernelId}: ${reason}, ${many(attempts, "attempt")}, message ${messageId}`,
    message,
    ...errors,
    `Remedy: ${remedy}`,
  ].join("\n\n");
}
