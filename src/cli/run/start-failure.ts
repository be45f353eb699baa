import { existsSync } from "node:fs";

/** What a shell exits with. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** The command could not be started. */
export interface StartFailure {
  readonly message: string;
  readonly exitCode: number;
}

/** What an error of starting a process says. */
export function startFailureOf(error: unknown): StartFailure {
  if (!(error instanceof Error && "code" in error && "path" in error)) {
    return { message: String(error), exitCode: NOT_EXECUTABLE };
  }
  const name = String(error.path);
  const isMissing = error.code === "ENOENT" || error.code === "ENOTDIR";
  return {
    message: `${name}: ${isMissing ? whatIsMissing(name) : (reasons[String(error.code)] ?? error.message)}`,
    exitCode: isMissing ? NOT_FOUND : NOT_EXECUTABLE,
  };
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied: it is not an executable file",
  E2BIG: "its arguments and environment are too long",
};

/** The system gives one answer for two things. */
function whatIsMissing(name: string): string {
  return name.includes("/") && existsSync(name)
    ? "the interpreter that its first line names was not found"
    : "command not found";
}
