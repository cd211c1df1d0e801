import { useTranslation } from "react-i18next";

/** The name of a camera's condition or of a device's trouble, as the wire calls it. */
export function useTroubleName(): (kind: string) => string {
  const { t, i18n } = useTranslation();
  return (kind) => {
    for (const key of [`condition.${kind}`, `trouble.${kind}`, `video.states.${kind}`]) if (i18n.exists(key)) return t(key as "condition.offline");
    return kind;
  };
}
