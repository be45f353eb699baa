export interface Output {
  write(text: string): void;
  /** Whether a person is looking. */
  readonly isTerminal: boolean;
}

export interface LogOutput extends Output {
  close(): Promise<void>;
}
