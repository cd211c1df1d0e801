import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { onPreference, preferences } from "../preferences";
import { en } from "./en";
import { ur } from "./ur";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "words";
    resources: { words: typeof en };
  }
}

/** Loads both languages; they are part of the build, so nothing is fetched. */
export async function startWords(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: preferences().language,
    fallbackLng: "en",
    defaultNS: "words",
    resources: { en: { words: en }, ur: { words: ur } },
    interpolation: { escapeValue: false },
  });
  onPreference(() => {
    if (i18next.language !== preferences().language) void i18next.changeLanguage(preferences().language);
  });
}
