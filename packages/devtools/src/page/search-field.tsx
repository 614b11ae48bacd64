interface SearchFieldProps {
  readonly label: string;
  /** Text in the empty field. Default: the label. */
  readonly hint?: string;
  readonly value: string;
  readonly change: (value: string) => void;
}

/** A text field for a search. */
export function SearchField({ label, hint = label, value, change }: SearchFieldProps) {
  return (
    <input
      type="search"
      placeholder={hint}
      aria-label={label}
      value={value}
      onInput={({ currentTarget }) => change(currentTarget.value)}
    />
  );
}
