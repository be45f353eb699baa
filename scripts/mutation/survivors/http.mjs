/** Every mutant that survives, and why it may, as in core.mjs. */
const hasUrl = "for the types; a request that a server has received has a URL.";
const breaksOff =
  "an answer that breaks off is an error before the client's connection closes; the order is not promised.";

export const survivors = [
  {
    file: "http/express.ts",
    line: 'if (pages.has(pathOf(request.url ?? "") ?? "")) await answerWith(pages, request, response);',
    becomes: ['"Stryker was here!"'],
    why: hasUrl,
  },
  {
    file: "http/express.ts",
    line: 'request.url = countedTarget(request.url ?? "", request.headers).target;',
    becomes: ['"Stryker was here!"'],
    why: hasUrl,
  },
  {
    file: "http/fastify.ts",
    line: 'if (!pages.has(pathOf(request.url ?? "") ?? "")) return;',
    becomes: ['"Stryker was here!"'],
    why: hasUrl,
  },
  {
    file: "http/hops.ts",
    line: 'const header = String(headers[NAME] ?? "");',
    becomes: ['"Stryker was here!"'],
    why: "any text will do that is no number.",
  },
  {
    file: "http/hops.ts",
    line: 'const [, before = "", byClient = "0", after = ""] = PARAMETER.exec(target) ?? [];',
    becomes: ['"Stryker was here!"', '""', '["Stryker was here"]'],
    why: "without a count nothing is replaced, and an empty text is the number 0 as well.",
  },
  {
    file: "http/leader-address.ts",
    line: "const url = value !== undefined && URL.canParse(value) ? new URL(value) : undefined;",
    becomes: ["true"],
    why: "for the types; `undefined` is no URL.",
  },
  {
    file: "http/leader-router.ts",
    line: 'url = request.url ?? "",',
    becomes: ['"Stryker was here!"'],
    why: hasUrl,
  },
  {
    file: "http/leader-router.ts",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the line as it stands there.
    line: "if (!response.destroyed) refuse(response, 503, `no leader ${why}`);",
    becomes: ["true"],
    why: "what is written to a client that has gone is dropped.",
  },
  {
    file: "http/leader-router.ts",
    line: 'const { "content-length": length = "0", "transfer-encoding": encoding } = request.headers;',
    becomes: ['""'],
    why: "to Node.js a body that is empty has never been read; other runtimes may see that differently.",
  },
  {
    file: "http/leader-router.ts",
    line: 'if (!request.readableDidRead || (length === "0" && encoding === undefined)) return;',
    becomes: ["true", "encoding !== undefined", "false", '""'],
    why: "to Node.js a body that is empty has never been read; other runtimes may see that differently.",
  },
  {
    file: "http/node-http.ts",
    line: 'pages.has(pathOf(request.url ?? "") ?? "")',
    becomes: ['"Stryker was here!"'],
    why: hasUrl,
  },
  {
    file: "http/node-http.ts",
    line: 'request.url = countedTarget(request.url ?? "", request.headers).target;',
    becomes: ['"Stryker was here!"'],
    why: hasUrl,
  },
  {
    file: "http/pages.ts",
    line: 'async function answerTo(pages: Pages, { method, url = "" }: IncomingMessage): Promise<Answer> {',
    becomes: ['"Stryker was here!"'],
    why: hasUrl,
  },
  {
    file: "http/proxy.ts",
    line: '"x-forwarded-for": [before ?? [], socket.remoteAddress ?? []].flat().join(", "),',
    becomes: ['["Stryker was here"]'],
    why: "for the types; a client has an address while its request is read.",
  },
  {
    file: "http/proxy.ts",
    line: "const fail = (error: unknown) => {",
    becomes: ["{}"],
    why: breaksOff,
  },
  {
    file: "http/proxy.ts",
    line: "failure ??= error;",
    becomes: ["failure &&= error"],
    why: breaksOff,
  },
  {
    file: "http/proxy.ts",
    line: "hasClientLeft = failure === undefined;",
    becomes: ["true"],
    why: breaksOff,
  },
  {
    file: "http/proxy.ts",
    line: 'answer.once("error", fail);',
    becomes: ['""'],
    why: breaksOff,
  },
  {
    file: "http/proxy.ts",
    line: "forwarding.errors.push(failure ?? error);",
    becomes: ["failure && error"],
    why: "of a leader that breaks off both are known.",
  },
  {
    file: "http/proxy.ts",
    line: "} finally {",
    becomes: ["{}"],
    why: "what ends there has ended by itself; only the listeners would stay, on what goes with the request.",
  },
  {
    file: "http/proxy.ts",
    line: 'response.off("close", giveUp);',
    becomes: ['""'],
    why: "a response closes once, and then ends what is over.",
  },
  {
    file: "http/proxy.ts",
    line: 'signal.removeEventListener("abort", abandon);',
    becomes: ['""'],
    why: "the signal is one of the request's own, and goes with it.",
  },
  {
    file: "http/proxy.ts",
    line: 'const named = (headers.connection ?? "").toLowerCase().split(/\\s*,\\s*/);',
    becomes: ['"Stryker was here!"'],
    why: "any name will do that no header has.",
  },
];
