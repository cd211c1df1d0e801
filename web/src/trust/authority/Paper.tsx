import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { hex, sha256 } from "../../kernel/bytes";
import { ProblemError } from "../../kernel/http";
import { Icon } from "../../kernel/icons";
import { ProblemNotice } from "../../kernel/Notice";
import type { DocumentRef } from "../wire";

interface Fetched {
  blob: Blob;
  matches: boolean;
}

/** The document itself, hashed here and not taken on trust. */
async function fetchPaper(sha: string, signal: AbortSignal): Promise<Fetched> {
  const response = await fetch(`/api/trust/documents/${sha}`, { credentials: "same-origin", signal });
  if (!response.ok) throw new ProblemError({ type: "about:blank", title: response.statusText, status: response.status, detail: "", code: `http-${response.status}` });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { blob: new Blob([bytes], { type: response.headers.get("content-type") ?? "" }), matches: hex(await sha256(bytes)) === sha };
}

/** What the request rests on: shown where the browser can, and always to be saved. */
export function Paper({ document: { sha256: sha, name } }: { document: DocumentRef }): React.JSX.Element {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(false);
  const paper = useQuery({ queryKey: ["trust", "document", sha], queryFn: ({ signal }) => fetchPaper(sha, signal), enabled: wanted, staleTime: Infinity, gcTime: 0 });
  const address = useAddress(paper.data?.blob);
  return (
    <div className="paper">
      <p className="paper-name"><Icon name="log" /><bdi className="cut">{name}</bdi></p>
      <p className="hash mono ltr" title={t("authorities.hash")}>{sha}</p>
      {!wanted && <button type="button" className="button small" onClick={() => setWanted(true)}>{t("authorities.open_document")}</button>}
      {wanted && paper.isPending && <p className="muted">{t("authorities.hash_checking")}</p>}
      <ProblemNotice error={paper.error} />
      {paper.data && (
        <>
          <p className={paper.data.matches ? "verdict good" : "verdict bad"} role="status">
            <Icon name={paper.data.matches ? "check" : "warn"} />{t(paper.data.matches ? "authorities.hash_good" : "authorities.hash_bad")}
          </p>
          {address && paper.data.blob.type.startsWith("image/") && <img className="paper-picture" src={address} alt={name} />}
          {address && <a className="button small" href={address} download={name}><Icon name="download" />{t("authorities.download")}</a>}
        </>
      )}
    </div>
  );
}

/** An address of the blob in this page alone; given back when it is not shown any more. */
function useAddress(blob: Blob | undefined): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (!blob) return;
    const made = URL.createObjectURL(blob);
    // The address exists only from here on.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return address;
}
