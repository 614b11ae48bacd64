/**
 * `Problem` if `Fit` is never, `Fine` otherwise. The condition is reversed because any type is assignable to all but
 * never: the compiler then chooses `Fine` also if `Fit` depends on a type parameter, so that generic functions compile.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Unless<Fit, Problem, Fine> = [any] extends [Fit] ? Fine : Problem;
