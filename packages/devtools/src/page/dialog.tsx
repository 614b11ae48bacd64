import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface DialogProps {
  readonly title: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

/** A modal dialog: Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, close, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={close} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}

interface QuestionProps {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly answer: (isYes: boolean) => void;
}

/** A confirmation of an action that cannot be undone. */
export function Question({ title, text, yes, answer }: QuestionProps) {
  return (
    <Dialog title={title} close={() => answer(false)}>
      <p>{text}</p>
      <p class="row end">
        <button type="button" onClick={() => answer(false)}>
          Cancel
        </button>
        <button type="button" class="danger" onClick={() => answer(true)}>
          {yes}
        </button>
      </p>
    </Dialog>
  );
}

interface EditorProps {
  readonly title: string;
  readonly text: string;
  readonly hint: string;
  readonly yes: string;
  /** Called with the message; the dialog closes if it resolves to true. */
  readonly send: (text: string) => Promise<boolean>;
  readonly close: () => void;
}

/** Edits a message as JSON. */
export function Editor({ title, text, hint, yes, send, close }: EditorProps) {
  const [edited, setEdited] = useState(text);
  const [wrong, setWrong] = useState<string>();
  const submit = async () => {
    try {
      JSON.parse(edited);
    } catch (error) {
      return setWrong((error as Error).message);
    }
    setWrong(undefined);
    if (await send(edited)) close();
  };
  return (
    <Dialog title={title} close={close}>
      <p class="soft">{hint}</p>
      <textarea
        aria-label="Message as JSON"
        rows={12}
        spellcheck={false}
        value={edited}
        onInput={({ currentTarget }) => setEdited(currentTarget.value)}
      />
      {wrong !== undefined && (
        <p class="bad" role="alert">
          {wrong}
        </p>
      )}
      <p class="row end">
        <button type="button" onClick={close}>
          Cancel
        </button>
        <button type="button" class="primary" onClick={() => void submit()}>
          {yes}
        </button>
      </p>
    </Dialog>
  );
}
