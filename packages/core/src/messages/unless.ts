/**
 * `Problem` where `Fit` is never, `Fine` otherwise. The question is put the other way round, as any value can be assigned to all but
 * never: so the compiler decides for `Fine` also where `Fit` depends on a type parameter, and generic functions compile.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Unless<Fit, Problem, Fine> = [any] extends [Fit] ? Fine : Problem;
