import { useEffect, useState } from "react";

type Say = (text: string) => void;
let speak: Say | undefined;

/** Says `text` to a screen reader, without moving focus. */
export function announce(text: string): void {
  speak?.(text);
}

/** Two regions in turn, so that the same words twice are read twice. */
export function Announcer(): React.JSX.Element {
  const [said, setSaid] = useState<[string, string, number]>(["", "", 0]);
  useEffect(() => {
    speak = (text) => {
      setSaid(([, , turn]) => (turn === 0 ? ["", text, 1] : [text, "", 0]));
    };
    return () => {
      speak = undefined;
    };
  }, []);
  return (
    <>
      <div className="unseen" role="status" aria-live="polite">{said[0]}</div>
      <div className="unseen" role="status" aria-live="polite">{said[1]}</div>
    </>
  );
}
