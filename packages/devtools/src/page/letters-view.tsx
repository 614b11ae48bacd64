import { useEffect, useState } from "preact/hooks";
import type { LetterDetail, LetterGroup, LetterView } from "../watch/model.js";
import { get, queryOf } from "./api.js";
import { Editor, Question } from "./dialog.js";
import { count, many, stamp } from "./format.js";
import { useAct, useLive } from "./hooks.js";
import { VirtualList } from "./virtual-list.js";

/** Number of dead letters that are read at a time. */
const PAGE = 200;

const keyOf = ({ kernelId, reason }: LetterGroup) => `${kernelId} ${reason}`;

/** Dead letters: groups, the letters of one, one letter. */
export function LettersView() {
  const { letters, hello } = useLive();
  const [chosen, setChosen] = useState<string>();
  const group = letters.groups.find((one) => keyOf(one) === chosen) ?? letters.groups[0];
  const canWrite = hello?.canWrite === true;
  if (group === undefined) {
    return (
      <section class="view" aria-label="Dead letters">
        <p class="empty">No dead letters. Messages that could not be processed would be here, with the reason.</p>
      </section>
    );
  }
  return (
    <section class="view" aria-label="Dead letters">
      <p class="soft">
        {many(letters.size, "dead letter")}
        {letters.evicted > 0 && `, ${count(letters.evicted)} more evicted from the full store`} ·{" "}
        <a href="api/export" download="dead-letters.jsonl">
          Export all
        </a>
      </p>
      <ul class="groups">
        {letters.groups.map((one) => (
          <li key={keyOf(one)}>
            <button type="button" class="group" aria-pressed={one === group} onClick={() => setChosen(keyOf(one))}>
              <b>{count(one.count)}</b>
              <span>
                <span class="name">{one.stage ?? one.kernelId}</span> <span class="kind error">{one.reason}</span>
                <span class="text">{one.error}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <Group key={keyOf(group)} group={group} canWrite={canWrite} />
    </section>
  );
}

function Group({ group, canWrite }: { group: LetterGroup; canWrite: boolean }) {
  const act = useAct();
  const [items, setItems] = useState<readonly LetterView[]>([]);
  const [most, setMost] = useState(PAGE);
  const [open, setOpen] = useState<number>();
  const [isAsking, setAsking] = useState(false);
  const { kernelId, reason, count: size, newest } = group;
  // read again when the group changes
  useEffect(() => {
    let isOver = false;
    get<LetterView[]>("api/letters", { kernelId, reason, most }).then(
      (read) => isOver || setItems(read),
      () => {},
    );
    return () => {
      isOver = true;
    };
  }, [kernelId, reason, size, newest, most]);
  return (
    <>
      <div class="row spread">
        <h2>
          {many(size, "letter")} of {group.stage ?? kernelId}
        </h2>
        <div class="row">
          {canWrite && (
            <>
              <button
                type="button"
                class="primary"
                onClick={() => void act({ act: "replay", target: kernelId, reason })}
              >
                Replay all
              </button>
              <button type="button" class="danger" onClick={() => setAsking(true)}>
                Discard all
              </button>
            </>
          )}
          <a
            class="button"
            href={`api/export?${queryOf({ kernelId, reason })}`}
            download={`${kernelId}-${reason}.jsonl`}
          >
            Export
          </a>
        </div>
      </div>
      {isAsking && (
        <Question
          title={`Discard ${many(size, "dead letter")}`}
          text="Discarded dead letters cannot be brought back. Discard them?"
          yes="Discard"
          answer={(isYes) => {
            setAsking(false);
            if (isYes) void act({ act: "discard", target: kernelId, reason });
          }}
        />
      )}
      <div class="letters">
        <div class="list">
          <VirtualList
            items={items}
            rowHeight={52}
            label={`${count(items.length)} letters`}
            keyOf={({ ref }) => ref}
            row={(letter) => (
              <button
                type="button"
                class="letter"
                aria-pressed={letter.ref === open}
                onClick={() => setOpen(letter.ref)}
              >
                <span class="soft">
                  {stamp(letter.at)} · {letter.attempts === 1 ? "1 attempt" : `${letter.attempts} attempts`}
                </span>
                <code>{letter.preview}</code>
              </button>
            )}
          />
          {items.length === most && most < 1000 && (
            <button type="button" onClick={() => setMost(most + PAGE)}>
              Show more
            </button>
          )}
        </div>
        {open === undefined ? (
          <p class="empty">Choose a letter.</p>
        ) : (
          <Letter key={open} letterRef={open} canWrite={canWrite} />
        )}
      </div>
    </>
  );
}

function Letter({ letterRef, canWrite }: { letterRef: number; canWrite: boolean }) {
  const act = useAct();
  const [letter, setLetter] = useState<LetterDetail>();
  const [gone, setGone] = useState<string>();
  const [isEditing, setEditing] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const refs = [letterRef];
  useEffect(() => {
    get<LetterDetail>("api/letter", { ref: letterRef }).then(setLetter, (error: Error) => setGone(error.message));
  }, [letterRef]);
  if (gone !== undefined) return <p class="empty">{gone}</p>;
  if (letter === undefined) return <p class="empty">Reading …</p>;
  const leave = (isDone: boolean) => {
    if (isDone) setGone("This dead letter has left the store.");
    return isDone;
  };
  return (
    <article class="detail" aria-label={`Letter ${letter.messageId}`}>
      <div class="row spread">
        <h3>{letter.type}</h3>
        {canWrite && (
          <div class="row">
            <button type="button" class="primary" onClick={() => void act({ act: "replay", refs }).then(leave)}>
              Replay
            </button>
            {letter.isWhole && (
              <button type="button" onClick={() => setEditing(true)}>
                Edit and replay
              </button>
            )}
            <button type="button" class="danger" onClick={() => setAsking(true)}>
              Discard
            </button>
          </div>
        )}
      </div>
      <pre class="json" data-message>
        {letter.message}
      </pre>
      <dl class="options">
        <div>
          <dt>message</dt>
          <dd>{letter.messageId}</dd>
        </div>
        <div>
          <dt>caused by</dt>
          <dd>{letter.correlationId ?? "nothing: it came from the host"}</dd>
        </div>
        <div>
          <dt>remedy</dt>
          <dd>{letter.remedy}</dd>
        </div>
      </dl>
      {letter.causes.map(({ name, message, stack }, i) => (
        <details key={`${i}-${name}`} class="stack" open={i === letter.causes.length - 1}>
          <summary>
            {i > 0 && "caused by "}
            <b>{name}</b>: {message}
          </summary>
          <pre>{stack ?? "no stack"}</pre>
        </details>
      ))}
      {isEditing && (
        <Editor
          title="Edit and replay"
          hint={`The changed message goes to ${letter.kernelId}; this letter leaves the store.`}
          text={letter.message}
          yes="Replay"
          send={async (message) => leave(await act({ act: "edit-and-replay", refs, message }))}
          close={() => setEditing(false)}
        />
      )}
      {isAsking && (
        <Question
          title="Discard this dead letter"
          text="It cannot be brought back. Discard it?"
          yes="Discard"
          answer={(isYes) => {
            setAsking(false);
            if (isYes) void act({ act: "discard", refs }).then(leave);
          }}
        />
      )}
    </article>
  );
}
