import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Moment } from "../../kernel/Age";
import { size } from "../../kernel/bytes";
import { localDay, localMoment, useNow } from "../../kernel/clock";
import { Dialog } from "../../kernel/Dialog";
import { Empty, ProblemNotice } from "../../kernel/Notice";
import { MoreRows, rowsOf } from "../../kernel/paging";
import { useRowKeys } from "../../kernel/rows";
import type { Receipt } from "../wire";
import { useClassName } from "./names";
import { useReceipt, useReceipts } from "./retention";

/** What was deleted, each time with a signed receipt. */
export function Receipts(): React.JSX.Element {
  const { t } = useTranslation();
  const now = useNow();
  const name = useClassName();
  const receipts = useReceipts();
  const rows = rowsOf(receipts);
  const [opened, setOpened] = useState<Receipt | null>(null);
  const keys = useRowKeys(rows.length, (index) => setOpened(rows[index] ?? null));
  return (
    <div className="table-box">
      <ProblemNotice error={receipts.error} onRetry={() => void receipts.refetch()} />
      {receipts.isSuccess && rows.length === 0 && <Empty title={t("retention.no_receipt")} hint={t("retention.receipt_about")} />}
      {rows.length > 0 && (
        <table className="table">
          <thead><tr><th className="number">{t("authorities.number")}</th><th>{t("retention.class")}</th><th>{t("plates.time")}</th><th>{t("retention.window")}</th><th className="number">{t("retention.removed")}</th><th className="number">{t("retention.kept")}</th><th>{t("retention.digest")}</th></tr></thead>
          <tbody>
            {rows.map((receipt, index) => (
              <tr key={receipt.id} {...keys(index)}>
                <td className="number">{receipt.number}</td>
                <td>{name(receipt.name)} <span className="faint">{receipt.things}</span></td>
                <td className="figures line"><span className="ltr">{localMoment(receipt.at, now)}</span></td>
                <td className="figures line"><span className="ltr">{receipt.since ? localDay(receipt.since) : "–"}</span> – <span className="ltr">{receipt.until ? localDay(receipt.until) : "–"}</span></td>
                <td className="number">{receipt.removed.toLocaleString("en")}</td>
                <td className="number">{receipt.kept.toLocaleString("en")}</td>
                <td className="mono faint"><span className="ltr">{receipt.digest.slice(0, 16)}…</span></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <MoreRows pages={receipts} count={rows.length} />
      {opened && <ReceiptDialog receipt={opened} onClose={() => setOpened(null)} />}
    </div>
  );
}

function ReceiptDialog({ receipt, onClose }: { receipt: Receipt; onClose: () => void }): React.JSX.Element {
  const { t } = useTranslation();
  const name = useClassName();
  const signed = useReceipt(receipt.id);
  return (
    <Dialog title={t("retention.receipt", { number: receipt.number })} onClose={onClose} wide>
      <div className="dialog-body">
        <dl className="facts wide">
          <div><dt>{t("retention.class")}</dt><dd>{name(receipt.name)}</dd></div>
          <div><dt>{t("plates.time")}</dt><dd><Moment at={receipt.at} /></dd></div>
          <div><dt>{t("retention.removed")}</dt><dd className="figures">{receipt.removed.toLocaleString("en")}{receipt.blobs > 0 && ` · ${t("retention.blobs", { count: receipt.blobs, size: size(receipt.blob_bytes) })}`}</dd></div>
          <div><dt>{t("retention.digest")}</dt><dd className="hash mono ltr">{receipt.digest}</dd></div>
          {receipt.partitions.length > 0 && <div><dt>{t("retention.partitions")}</dt><dd className="mono ltr">{receipt.partitions.join(" ")}</dd></div>}
        </dl>
        <ProblemNotice error={signed.error} />
        {signed.data && <pre className="mono ltr note-text">{signed.data.signed_note}</pre>}
      </div>
      <div className="dialog-foot">
        {signed.data && <a className="button start" href={`data:text/plain;charset=utf-8,${encodeURIComponent(signed.data.signed_note)}`} download={`receipt-${receipt.number}.txt`}>{t("authorities.download")}</a>}
        <button type="button" className="button primary" onClick={onClose}>{t("action.close")}</button>
      </div>
    </Dialog>
  );
}
