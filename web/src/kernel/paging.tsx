import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { ask, query } from "./http";
import type { Page } from "./wire";

const PAGE = 50;

interface Asked {
  /** The first parts of the key; what is asked for is added. */
  key: readonly unknown[];
  path: string;
  values?: Record<string, string | number | string[] | null | undefined>;
  enabled?: boolean;
  limit?: number;
}

/** A list of the centre's, page after page. */
export function usePages<T>({ key, path, values = {}, enabled = true, limit = PAGE }: Asked) {
  return useInfiniteQuery({
    queryKey: [...key, values],
    queryFn: ({ pageParam, signal }) => ask<Page<T>>(`${path}${query({ ...values, cursor: pageParam, limit })}`, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    enabled,
  });
}

export type Pages<T> = ReturnType<typeof usePages<T>>;

export function rowsOf<T>(pages: Pages<T>): T[] {
  return pages.data?.pages.flatMap((page) => page.items) ?? [];
}

type More = Pick<Pages<unknown>, "hasNextPage" | "isFetchingNextPage" | "fetchNextPage">;

/** Fetches the next page when it comes near; the button is for the keyboard. */
export function MoreRows({ pages, count }: { pages: More; count: number }): React.JSX.Element {
  const { t } = useTranslation();
  const end = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  useEffect(() => {
    const mark = end.current;
    if (!mark || !hasNextPage || isFetchingNextPage) return;
    const watcher = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) void fetchNextPage();
    }, { rootMargin: "400px" });
    watcher.observe(mark);
    return () => watcher.disconnect();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <div ref={end} className="results-end">
      {hasNextPage
        ? <button type="button" className="button quiet" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("action.load_more")}</button>
        : count > 0 && <span className="faint">{t("action.rows", { count })}</span>}
    </div>
  );
}
