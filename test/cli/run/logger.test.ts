import { describe, expect, test } from "vitest";
import { lineLogger } from "../../../src/cli/run/logger.ts";

function logger(format: string, verbose = false) {
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), isTerminal: false };
  return { written, log: lineLogger(output, format, verbose) };
}

const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const forged = "x\n2026-01-01T00:00:00.000Z incumbent info: elected";

describe("a line of the log", () => {
  test("in text has the time, the level, the message and the fields", () => {
    const { written, log } = logger("text");
    log.warn({ key: "job", token: 7, error: "connection refused" }, "store request failed");
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(
      new RegExp(
        `^${time} incumbent warn: store request failed key=job token=7 error="connection refused"\\n$`,
      ),
    );
  });

  test("cannot be forged by a text from outside", () => {
    const { written, log } = logger("text");
    log.info({ leader: forged, error: new Error(forged) }, forged);
    expect(written).toHaveLength(1);
    expect(written[0]?.match(/\n/g)).toHaveLength(1);
    expect(written[0]).toContain('leader="x\\n2026');
  });

  test("in JSON is one object, also with an error in it", () => {
    const { written, log } = logger("json");
    log.error({ key: forged, err: new TypeError("oops") }, "callback failed");
    expect(written[0]?.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(written[0] ?? "")).toMatchObject({
      ...{ level: "error", message: "callback failed", key: forged },
      err: { name: "TypeError", message: "oops", stack: expect.stringContaining("TypeError") },
    });
  });

  test("for debugging is written with --verbose alone", () => {
    const quiet = logger("text");
    quiet.log.debug({}, "renewed");
    expect(quiet.written).toEqual([]);
    const loud = logger("text", true);
    loud.log.debug({}, "renewed");
    expect(loud.written).toHaveLength(1);
  });
});
