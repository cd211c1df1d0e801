import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { en } from "./en";
import { ur } from "./ur";

interface Tree {
  [name: string]: string | Tree;
}

function leaves(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === "string" ? [[`${path}${name}`, value] as [string, string]] : leaves(value, `${path}${name}.`));
}

const english = new Map(leaves(en));
const urdu = new Map(leaves(ur));
const holes = (text: string): string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = ""]) => name).sort();

describe("the words", () => {
  it("stand in both languages with the same places to fill", () => {
    expect([...urdu.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [path, text] of english) expect([path, holes(urdu.get(path) ?? "")]).toEqual([path, holes(text)]);
  });

  it("are Urdu in the Urdu file, but for names and signs", () => {
    const latin = [...urdu].filter(([, text]) => !/[\u0600-\u06FF]/.test(text)).map(([path]) => path);
    expect(latin).toEqual(["language.switch", "plates.plate_hint", "plates.confidence_of"]);
  });

  it("are all used", () => {
    const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name) && !name.includes("words"));
    const code = files.map((name) => readFileSync(`src/${name}`, "utf8")).join("\n");
    const unused = [...english.keys()].filter((path) => {
      const plain = path.replace(/_(one|other)$/, "");
      const group = plain.slice(0, plain.lastIndexOf("."));
      return !code.includes(`"${plain}"`) && !code.includes(`${group}.\${`) && !code.includes(`"${plain.slice(0, plain.lastIndexOf("_"))}`) &&
        !code.includes(`${plain.slice(0, plain.lastIndexOf("_"))}_\${`);
    });
    expect(unused).toEqual([]);
  });
});
