import { execFileSync } from "node:child_process";
import { getuid } from "node:process";

/** As whom a database server is started that refuses to run as root. Nothing if the tests are not run as root. */
export function unprivileged(): { readonly uid?: number; readonly gid?: number } {
  if (getuid?.() !== 0) return {};
  const [uid, gid] = ["-u", "-g"].map((which) =>
    Number(execFileSync("id", [which, "nobody"], { encoding: "utf8" })),
  );
  return { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
}
