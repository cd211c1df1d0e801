import { useId } from "react";

interface FieldProps {
  label: string;
  hint?: string | undefined;
  /** Over the whole width of a form grid. */
  whole?: boolean;
  className?: string;
  children: (id: string) => React.ReactNode;
}

/** A label over its field; `children` gets the id that ties them together. */
export function Field({ label, hint, whole = false, className = "", children }: FieldProps): React.JSX.Element {
  const id = useId();
  return (
    <div className={`field${whole ? " whole" : ""} ${className}`}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {hint && <span className="hint">{hint}</span>}
    </div>
  );
}
