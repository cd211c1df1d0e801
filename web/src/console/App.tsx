import { QueryClient, QueryClientProvider, useQueryClient } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { Direction } from "radix-ui";
import { useEffect, useState } from "react";
import { Announcer } from "../kernel/Announcer";
import { onOwing, onSignedOut, ProblemError } from "../kernel/http";
import { usePreferences } from "../kernel/preferences";
import { SESSION, useSession } from "../trust/session";
import { SignInAgain, SignInPage } from "../trust/SignIn";
import { router } from "./router";

const RETRIES = 2;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      refetchOnWindowFocus: false,
      // A refusal stays a refusal; only silence is worth asking again.
      retry: (count, error) => count < RETRIES && (!(error instanceof ProblemError) || error.status === 0 || error.status >= 500),
    },
    mutations: { retry: false },
  },
});

onSignedOut(() => {
  client.setQueryData(SESSION, null);
});

onOwing(() => {
  void client.invalidateQueries({ queryKey: SESSION });
});

/** The page, or the way in. After a session ends the page stays where it was, under the sign-in. */
function Door(): React.JSX.Element | null {
  const session = useSession();
  const queries = useQueryClient();
  const [last, setLast] = useState<string | null>(null);
  const open = session.data?.owes === null;
  const name = open ? session.data?.account.username : undefined;
  if (name && name !== last) setLast(name);
  useEffect(() => {
    if (!session.error) return;
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey: SESSION }), 3000);
    return () => clearTimeout(timer);
  }, [session.error, queries]);
  if (session.data === undefined && last === null) return null;
  if (!open && last === null) return <SignInPage />;
  return (
    <>
      <RouterProvider router={router} />
      {session.data !== undefined && !open && last !== null && <SignInAgain username={last} />}
    </>
  );
}

export function App(): React.JSX.Element {
  const { language } = usePreferences();
  return (
    <QueryClientProvider client={client}>
      <Direction.Provider dir={language === "ur" ? "rtl" : "ltr"}>
        <Door />
        <Announcer />
      </Direction.Provider>
    </QueryClientProvider>
  );
}
