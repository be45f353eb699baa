import { entryPoints } from "./scripts/entry-points.mjs";

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "incumbent",
  entryPoints: entryPoints.map(({ name }) => `src/${name}.ts`),
  tsconfig: "tsconfig.build.json",
  out: "docs/api",
  readme: "none",
  disableSources: true,
  validation: { notExported: false, invalidLink: true },
  treatValidationWarningsAsErrors: true,
};
