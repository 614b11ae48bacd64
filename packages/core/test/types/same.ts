/** Compile-time proof that two types are the same: `same<typeof value, Wanted>()`. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export declare function same<A, B>(..._: Same<A, B> extends true ? [] : [different: [A, B]]): void;
