import { useEffect, useRef, useState } from "react";
import { useKeys } from "./keys";

type RowProps = React.HTMLAttributes<HTMLTableRowElement> & { ref?: (row: HTMLTableRowElement | null) => void };

/** j, k, arrows and Enter for the rows of a table; returns the attributes of row `index`. */
export function useRowKeys(count: number, open: (index: number) => void, onMove?: (index: number) => void): (index: number) => RowProps {
  const [at, setAt] = useState(-1);
  const rows = useRef(new Map<number, HTMLTableRowElement>());
  const current = Math.min(at, count - 1);
  const moved = useRef(false);

  const move = (by: number) => {
    if (count === 0) return;
    const next = Math.min(Math.max(0, current + by), count - 1);
    moved.current = true;
    setAt(next);
    onMove?.(next);
  };
  useEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    const row = rows.current.get(current);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }, [current]);
  useKeys({
    j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
    Enter: () => {
      if (current >= 0) open(current);
    },
  });
  return (index) => ({
    ref: (row) => {
      if (row) rows.current.set(index, row);
      else rows.current.delete(index);
    },
    tabIndex: index === Math.max(0, current) ? 0 : -1,
    "aria-selected": index === current,
    onFocus: () => setAt(index),
    onClick: () => {
      setAt(index);
      open(index);
    },
  });
}
