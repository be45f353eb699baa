/** Every mutant that survives, and why it may, as in core.mjs. */
export const survivors = [
  {
    file: "observability/measure.ts",
    line: "expired: true,",
    becomes: ["false"],
    why: "only the names count: the values make the compiler ask for each.",
  },
  {
    file: "observability/measure.ts",
    line: "superseded: true,",
    becomes: ["false"],
    why: "only the names count: the values make the compiler ask for each.",
  },
  {
    file: "observability/measure.ts",
    line: '"store-lost": true,',
    becomes: ["false"],
    why: "only the names count: the values make the compiler ask for each.",
  },
  {
    file: "observability/measure.ts",
    line: "resigned: true,",
    becomes: ["false"],
    why: "only the names count: the values make the compiler ask for each.",
  },
  {
    file: "observability/measure.ts",
    line: "stopped: true,",
    becomes: ["false"],
    why: "only the names count: the values make the compiler ask for each.",
  },
  {
    file: "observability/measure.ts",
    line: "acquire: true,",
    becomes: ["false"],
    why: "only the names count: the values make the compiler ask for each.",
  },
  {
    file: "observability/measure.ts",
    line: "renew: true,",
    becomes: ["false"],
    why: "only the names count: the values make the compiler ask for each.",
  },
  {
    file: "observability/measure.ts",
    line: "release: true,",
    becomes: ["false"],
    why: "only the names count: the values make the compiler ask for each.",
  },
  {
    file: "observability/measure.ts",
    line: "read: true,",
    becomes: ["false"],
    why: "only the names count: the values make the compiler ask for each.",
  },
  {
    file: "observability/opentelemetry-metrics.ts",
    line: 'const ours = Symbol.for("incumbent.opentelemetry.1");',
    becomes: ['""'],
    why: "any name will do that no other library takes.",
  },
  {
    file: "observability/prometheus-metrics.ts",
    line: 'const ours = Symbol.for("incumbent.prometheus.1");',
    becomes: ['""'],
    why: "any name will do that no other library takes.",
  },
  {
    file: "observability/term-spans.ts",
    line: "const asked: Partial<Record<LossReason, true>> = { resigned: true, stopped: true };",
    becomes: ["false"],
    why: "only the names count, as a value that is not undefined.",
  },
];
