import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import globals from "globals";
import ts from "typescript-eslint";

/** A room may use the rooms below it (docs: DESIGN, "The rooms"); the shell may use them all. */
const above = {
  kernel: ["trust", "city", "video", "plates", "alarms", "console"],
  trust: ["city", "video", "plates", "alarms", "console"],
  city: ["video", "plates", "alarms", "console"],
  video: ["plates", "alarms", "console"],
  plates: ["alarms", "console"],
  alarms: ["console"],
};

const order = Object.entries(above).map(([room, rooms]) => ({
  files: [`src/${room}/**/*.{ts,tsx}`],
  rules: {
    "no-restricted-imports": [
      "error",
      { patterns: rooms.map((name) => ({ group: [`**/${name}/*`], message: "look back, not up" })) },
    ],
  },
}));

export default ts.config(
  { ignores: ["node_modules", "checks"] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...ts.configs.stylisticTypeChecked,
  a11y.flatConfigs.strict,
  hooks.configs.flat["recommended-latest"],
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js"] } },
    },
    rules: {
      "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  {
    // The mock knows its own data.
    files: ["mock/**"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off", "@typescript-eslint/no-misused-spread": "off", "react-hooks/rules-of-hooks": "off",
      "@typescript-eslint/no-unnecessary-condition": "off", "@typescript-eslint/no-unused-expressions": "off",
    },
  },
  { files: ["mock/**", "scripts/**", "*.config.*"], languageOptions: { globals: globals.node } },
  { files: ["eslint.config.js", "scripts/*.mjs"], ...ts.configs.disableTypeChecked },
  ...order,
);
