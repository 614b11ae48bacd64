import { useState } from "preact/hooks";
import type { ActView, NodeView } from "../watch/model.js";
import { Dialog, Editor, Question } from "./dialog.js";
import { useAct, useLive } from "./hooks.js";

interface SteerProps {
  /** Id of the kernel, stage or flow. */
  readonly target: string;
  readonly node: NodeView | undefined;
  /** Names of actions, among those that the program offers. */
  readonly names: readonly string[];
  readonly accepts: readonly string[];
}

/** Buttons for the actions on a kernel or flow. An action that cannot be undone needs a confirmation. */
export function Steer({ target, node, names, accepts }: SteerProps) {
  const { hello } = useLive();
  const act = useAct();
  const [asking, setAsking] = useState<ActView>();
  const [isSending, setSending] = useState(false);
  const [isMoving, setMoving] = useState(false);
  const offered = (hello?.acts ?? []).filter(({ name }) => names.includes(name) && isUseful(name, node));
  if (offered.length === 0) return null;
  const press = (one: ActView) => {
    if (one.name === "inject") setSending(true);
    else if (one.name === "move") setMoving(true);
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
      {isMoving && <MoveDialog target={target} node={node} close={() => setMoving(false)} />}
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

/** Asks where to move a kernel or stage. */
function MoveDialog({ target, node, close }: { target: string; node: NodeView | undefined; close: () => void }) {
  const { hello } = useLive();
  const act = useAct();
  const backends = hello?.backends ?? [];
  const others = backends.filter((name) => name !== node?.backend);
  const places = [
    ...others.map((name) => [name, name, undefined] as const),
    ...((node?.threads.length ?? 0) > 0 ? ([["new", `a new thread of ${node?.backend}`, node?.backend]] as const) : []),
  ];
  const move = async (name: string, backend: string | null | undefined) => {
    close();
    await act({ act: "move", target, to: backend ?? name, ...(name === "new" && { thread: "new" }) });
  };
  return (
    <Dialog title={`Move ${target}`} close={close}>
      <p class="soft">
        It runs on {node?.backend ?? "its backend"} now. Its queue, state and senders go with it; nothing is lost.
        {places.length === 0 && " There is no other backend: createRuntime({ backends: { … } }) has several."}
      </p>
      <p class="row end">
        <button type="button" onClick={close}>
          Cancel
        </button>
        {places.map(([name, label, backend]) => (
          <button key={name} type="button" class="primary" onClick={() => void move(name, backend)}>
            To {label}
          </button>
        ))}
      </p>
    </Dialog>
  );
}
