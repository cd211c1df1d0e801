import "./plates.css";
import { plateGroups } from "./reads";

interface PlateChipProps {
  plate: string;
  size?: "small" | "large";
}

/** A plate as it would stand on the car: always left to right, with figures that cannot be confused. */
export function PlateChip({ plate, size }: PlateChipProps): React.JSX.Element {
  return (
    <span className={size ? `plate-chip ${size}` : "plate-chip"} dir="ltr" aria-label={plate} role="img">
      {plateGroups(plate).map((group, index) => <span key={`${index} ${group}`}>{group}</span>)}
    </span>
  );
}
