import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readTlsFiles } from "../../../src/stores/registers/tls-files.ts";

const folder = mkdtempSync(join(tmpdir(), "incumbent-tls-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, `what ${name} holds, ä`);
  return path;
}

const none = { caFile: undefined, certFile: undefined, keyFile: undefined };

test("each file that is named is read as text, and none that is not", () => {
  const files = { caFile: file("ca"), certFile: file("cert"), keyFile: file("key") };
  expect(readTlsFiles(files)).toEqual({
    ...{ ca: "what ca holds, ä", cert: "what cert holds, ä", key: "what key holds, ä" },
  });
  expect(readTlsFiles(none)).toEqual({ ca: undefined, cert: undefined, key: undefined });
});

test.each(["caFile", "certFile", "keyFile"])(
  "a %s that cannot be read is named, with why",
  (name) => {
    expect(() => readTlsFiles({ ...none, [name]: join(folder, "missing") })).toThrow(
      expect.objectContaining({
        code: "INCUMBENT_INVALID_OPTION",
        message: expect.stringMatching(
          new RegExp(
            `^${name} must name a file that can be read \\(ENOENT\\); got .*missing.*Example: "/etc/ssl/ca\\.crt"\\.$`,
          ),
        ),
      }),
    );
  },
);
