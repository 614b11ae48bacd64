import { useState } from "preact/hooks";
import type { ActView, NodeView } from "../watch/model.js";
import { Editor, Question } from "./dialog.js";
import { useAct, useLive } from "./hooks.js";

interface SteerProps {
  /** Id of the kernel, stage or flow. */
  readonly target: string;
  readonly node: NodeView | undefined;
  /** Acts by name, of those that the program offers. */
  readonly names: readonly string[];
  readonly accepts: readonly string[];
}

/** Buttons for what can be done to a kernel or flow; each asks before what cannot be undone. */
export function Steer({ target, node, names, accepts }: SteerProps) {
  const { hello } = useLive();
  const act = useAct();
  const [asking, setAsking] = useState<ActView>();
  const [isSending, setSending] = useState(false);
  const offered = (hello?.acts ?? []).filter(({ name }) => names.includes(name) && isUseful(name, node));
  if (offered.length === 0) return null;
  const press = (one: ActView) => {
    if (one.name === "inject") setSending(true);
    else if (one.question !== null) setAsking(one);
    else void act({ act: one.name, target });
  };
  return (
    <fieldset class="row" aria-label={`Act on ${target}`}>
      {offered.map((one) => (
        <button key={one.name} type="button" class={one.question === null ? "" : "danger"} onClick={() => press(one)}>
          {one.label}
        </button>
      ))}
      {asking !== undefined && (
        <Question
          title={`${asking.label} ${target}`}
          text={asking.question ?? ""}
          yes={asking.label}
          answer={(isYes) => {
            setAsking(undefined);
            if (isYes) void act({ act: asking.name, target });
          }}
        />
      )}
      {isSending && (
        <Editor
          title={`Send a message to ${target}`}
          hint={accepts.length === 0 ? "A message as JSON, with its type." : `It accepts ${accepts.join(", ")}.`}
          text={JSON.stringify({ type: accepts[0] ?? "" }, null, 2)}
          yes="Send"
          send={(message) => act({ act: "inject", target, message })}
          close={() => setSending(false)}
        />
      )}
    </fieldset>
  );
}

function isUseful(name: string, node: NodeView | undefined): boolean {
  if (node === undefined || node.state === "mixed") return true;
  if (name === "pause" || name === "inject")
    return node.state === "active" || (name === "inject" && node.state === "deactivated");
  if (name === "resume") return node.state === "deactivated" || node.state === "launched";
  return node.state !== "terminated" && node.state !== "failed";
}
