import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A wall clock of servers that can be set while they run, in seconds beside the real one. */
export function settableClock() {
  const folder = mkdtempSync(join(tmpdir(), "incumbent-clock-"));
  chmodSync(folder, 0o755);
  const path = join(folder, "offset");
  const set = (seconds: number) => writeFileSync(path, `${seconds < 0 ? "" : "+"}${seconds}\n`);
  set(0);
  const library = execFileSync("faketime", ["-f", "+0", "printenv", "LD_PRELOAD"], {
    encoding: "utf8",
  });
  return {
    env: {
      ...process.env,
      LD_PRELOAD: library.trim(),
      FAKETIME_TIMESTAMP_FILE: path,
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      FAKETIME_NO_CACHE: "1",
    },
    set,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
