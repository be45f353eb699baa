/** What a command may touch of the world, so that tests can watch it. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  readonly out: Output;
  readonly err: Output;
}

export interface Output {
  write(text: string): void;
  /** Whether a person is looking. */
  readonly isTerminal: boolean;
}

export function processIo(): Io {
  return { env: process.env, out: outputOf(process.stdout), err: outputOf(process.stderr) };
}

function outputOf(stream: NodeJS.WriteStream): Output {
  // The reader has gone (`incumbent … | head`): there is nobody left to tell.
  stream.on("error", () => process.exit());
  return { write: (text) => void stream.write(text), isTerminal: stream.isTTY === true };
}

export type Style = (text: string) => string;

export interface Palette {
  readonly bold: Style;
  readonly dim: Style;
  readonly green: Style;
  readonly red: Style;
  readonly yellow: Style;
  readonly cyan: Style;
}

/** Colours on a terminal, unless `NO_COLOR` says otherwise (no-color.org). */
export function paletteOf(io: Io): Palette {
  const wanted = io.out.isTerminal && (io.env["NO_COLOR"] ?? "") === "";
  const style = (code: number): Style =>
    wanted ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => text;
  return {
    bold: style(1),
    dim: style(2),
    green: style(32),
    red: style(31),
    yellow: style(33),
    cyan: style(36),
  };
}
