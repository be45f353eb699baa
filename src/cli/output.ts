export interface Output {
  write(text: string): void;
  /** Whether the output is a terminal. */
  readonly isTerminal: boolean;
  /** The size of the terminal. */
  size?(): { readonly columns: number; readonly rows: number };
}

export interface LogOutput extends Output {
  close(): Promise<void>;
}
