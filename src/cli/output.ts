export interface Output {
  write(text: string): void;
  /** Whether the output is a terminal. */
  readonly isTerminal: boolean;
}

export interface LogOutput extends Output {
  close(): Promise<void>;
}
