/** A topology as data that JSON can hold, and as a drawing. */
export interface Description {
  readonly name: string;
  /** Nodes, those of nested topologies too, as "outer/inner". A node comes after all nodes that feed it. */
  readonly nodes: readonly {
    readonly name: string;
    readonly kind: "kernel" | "filter" | "route" | "merge" | "join" | "batch";
    readonly workers: number;
    /** Null: the runtime's default. */
    readonly backend: string | null;
  }[];
  readonly edges: readonly {
    /** Null: the input of the topology. */
    readonly from: string | null;
    /** Null: the output of the topology. */
    readonly to: string | null;
    /** The route that the edge leaves by and the join branch that it enters; null without either. */
    readonly label: string | null;
  }[];
  /** A flowchart in Mermaid's language. */
  readonly mermaid: string;
}
