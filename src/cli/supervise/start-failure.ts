import { existsSync } from "node:fs";

/** The exit codes of a shell. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** Why a command could not be started, and with which code to exit. */
export interface StartFailure {
  readonly message: string;
  readonly exitCode: number;
}

/** Explains the error of an attempt to start the program of this name. */
export function startFailureOf(error: unknown, name: string): StartFailure {
  if (!(error instanceof Error && "code" in error && "path" in error)) {
    return { message: String(error), exitCode: NOT_EXECUTABLE };
  }
  const isMissing = error.code === "ENOENT" || error.code === "ENOTDIR";
  return {
    message: `${name}: ${isMissing ? whatIsMissing(name) : (reasons[String(error.code)] ?? error.message)}`,
    exitCode: isMissing ? NOT_FOUND : NOT_EXECUTABLE,
  };
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied, or not an executable file",
  E2BIG: "arguments and environment are too long",
};

/** The system reports ENOENT for a missing file and for a missing interpreter. */
function whatIsMissing(name: string): string {
  return name.includes("/") && existsSync(name)
    ? "the interpreter in its first line was not found"
    : "command not found";
}
