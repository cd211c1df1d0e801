import { useTranslation } from "react-i18next";
import type { Figure, ReportTable } from "../wire";
import { columnsOf, isFigure, leastOf, partOf } from "./figures";
import { useReportNames } from "./names";

/** One table; those of one column with a bar each, drawn as far as is known for certain. */
export function ReportTableCard({ name, table }: { name: string; table: ReportTable }): React.JSX.Element {
  const names = useReportNames();
  const columns = columnsOf(table);
  return (
    <section className={columns.length > 0 ? "card report-wide" : "card"} aria-label={names.table(name)}>
      <header><h2>{names.table(name)}</h2></header>
      <div className="table-box">{columns.length > 0 ? <Grid table={table} columns={columns} /> : <Bars table={table} />}</div>
    </section>
  );
}

function Bars({ table }: { table: ReportTable }): React.JSX.Element {
  const { t } = useTranslation();
  const names = useReportNames();
  const rows = Object.entries(table.rows).flatMap(([row, figure]): [string, Figure][] => (isFigure(figure) ? [[row, figure]] : []));
  const greatest = Math.max(0, ...rows.map(([, figure]) => leastOf(figure)));
  return (
    <table className="table bars">
      <tbody>
        {rows.map(([row, figure]) => (
          <tr key={row}>
            <th scope="row">{names.row(row)}</th>
            <td className="bar-cell"><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect className={figure.n === null ? "open" : ""} width={100 * partOf(figure, greatest)} height="8" rx="1" /></svg></td>
            <td className="number"><FigureText figure={figure} /></td>
          </tr>
        ))}
      </tbody>
      {table.total && <tfoot><tr><th scope="row">{t("report.total")}</th><td /><td className="number"><strong><FigureText figure={table.total} /></strong></td></tr></tfoot>}
    </table>
  );
}

function Grid({ table, columns }: { table: ReportTable; columns: string[] }): React.JSX.Element {
  const { t } = useTranslation();
  const names = useReportNames();
  return (
    <table className="table">
      <thead><tr><th>{t("report.row")}</th>{columns.map((column) => <th key={column} className="number">{names.row(column)}</th>)}</tr></thead>
      <tbody>
        {Object.entries(table.rows).map(([row, cells]) => (
          <tr key={row}>
            <th scope="row">{names.row(row)}</th>
            {columns.map((column) => {
              const figure = isFigure(cells) ? undefined : cells[column];
              return <td key={column} className="number">{figure && <FigureText figure={figure} />}</td>;
            })}
          </tr>
        ))}
      </tbody>
      {table.totals && <tfoot><tr><th scope="row">{t("report.total")}</th>{columns.map((column) => <td key={column} className="number"><strong>{table.totals?.[column] && <FigureText figure={table.totals[column]} />}</strong></td>)}</tr></tfoot>}
    </table>
  );
}

function FigureText({ figure }: { figure: Figure }): React.JSX.Element {
  const { t } = useTranslation();
  if (figure.n !== null) return <>{figure.n.toLocaleString("en")}</>;
  return <span className="muted">{figure.at_least ? t("report.at_least", { count: figure.at_least }) : t("report.few")}</span>;
}
