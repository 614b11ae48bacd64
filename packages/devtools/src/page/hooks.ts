import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Act, Asked } from "../watch/acts.js";
import { post } from "./api.js";
import type { State, Store } from "./store.js";

export const StoreContext = createContext<Store | undefined>(undefined);

export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === undefined) throw new Error("no store above");
  return store;
}

/** The state of the page; the component is drawn again when it changes. */
export function useLive(): State {
  const store = useStore();
  const [state, setState] = useState(store.state);
  useEffect(() => store.subscribe(() => setState(store.state)), [store]);
  return state;
}

/** The path behind `#`, in parts. */
export function useRoute(): readonly string[] {
  const read = () => location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const changed = () => setRoute(read());
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}

export const linkTo = (...parts: readonly string[]): string => `#/${parts.map(encodeURIComponent).join("/")}`;

/** True while the media query matches. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const changed = () => setMatches(media.matches);
    media.addEventListener("change", changed);
    return () => media.removeEventListener("change", changed);
  }, [query]);
  return matches;
}

/** Reads a value now and at each tick; keeps the latest value that arrived. */
export function usePolled<T>(read: () => Promise<T>, key: string): { value: T | undefined; error: string | undefined } {
  const { at } = useLive();
  const [answer, setAnswer] = useState<{ key: string; value?: T; error?: string }>({ key });
  // `key` identifies what `read` reads
  useEffect(() => {
    let isOver = false;
    read().then(
      (value) => isOver || setAnswer({ key, value }),
      (error: Error) => isOver || setAnswer({ key, error: error.message }),
    );
    return () => {
      isOver = true;
    };
  }, [key, at]);
  return answer.key === key ? { value: answer.value, error: answer.error } : { value: undefined, error: undefined };
}

/** A text at the bottom of the page for a while: the outcome of an action. */
export interface Notice {
  readonly text: string;
  readonly isBad: boolean;
}
export const NoticeContext = createContext<(notice: Notice) => void>(() => {});

/** Requests an action of the program and shows its outcome. Resolves to true if it succeeded. */
export function useAct(): (asked: Asked) => Promise<boolean> {
  const notify = useContext(NoticeContext);
  return async (asked) => {
    try {
      const { text } = await post<Act>("api/act", asked);
      notify({ text: `${text[0]?.toUpperCase()}${text.slice(1)}.`, isBad: false });
      return true;
    } catch (error) {
      notify({ text: (error as Error).message, isBad: true });
      return false;
    }
  };
}
