import { count, filter, from, groupBy, mergeMap, Subject, tap } from "rxjs";
import { type CounterSubject, clicks, SIZE } from "./events.js";

/** `groupBy` by user and window, each group closed when the time of events has passed it. */
export const windowsByRxjs: CounterSubject = {
  name: "rxjs-groupby",
  title: "RxJS groupBy by user and window, closed by the time of events",
  isAlone: true,
  async open() {
    return {
      async run(events, seen) {
        const passed = new Subject<number>();
        let window = 0;
        await new Promise<void>((complete, error) => {
          from(clicks(events, (click) => click))
            .pipe(
              tap(({ at }) => {
                if (Math.floor(at / SIZE) > window) passed.next(++window);
              }),
              groupBy(({ at, user }) => Math.floor(at / SIZE) * 1000 + user, {
                duration: ({ key }) => passed.pipe(filter((current) => current > Math.floor(key / 1000))),
              }),
              mergeMap((group) => group.pipe(count())),
            )
            .subscribe({ next: seen, complete, error });
        });
      },
      close: async () => {},
    };
  },
};
