import { onTestFinished } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import type {
  ConnectionEvents,
  Driver,
  OpenDriver,
  ServerKind,
} from "../../../src/stores/connections/driver.ts";

/** A command on its way, until the test answers it. */
export interface Sent {
  readonly command: string;
  answer(reply: unknown): void;
  fail(error: unknown): void;
}

/** A connection that the test brings about, answers and loses. */
export class Wire implements Driver<string> {
  readonly events: ConnectionEvents;
  readonly sent: Sent[] = [];
  isEnded = false;
  /** The connection comes about. */
  come: () => void = () => {};
  /** It does not. */
  refuse: (error: unknown) => void = () => {};

  constructor(events: ConnectionEvents) {
    this.events = events;
  }

  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.come = resolve;
      this.refuse = reject;
    });
  }

  send(command: string): Promise<unknown> {
    return new Promise((answer, fail) => {
      this.sent.push({ command, answer, fail });
    });
  }

  end(): void {
    this.isEnded = true;
  }
}

/** All connections that were opened, in this order. */
export function wires(): { readonly all: Wire[]; readonly open: OpenDriver<string> } {
  const all: Wire[] = [];
  onTestFinished(() => {
    for (const wire of all) wire.refuse(new Error("the test is over"));
  });
  const open = (events: ConnectionEvents) => {
    const wire = new Wire(events);
    all.push(wire);
    return wire;
  };
  return { all, open };
}

/** What a server answers that takes no writes. */
export const elsewhere = () =>
  new StoreError("INCUMBENT_STORE_REFUSED", "read-only", { applied: "no" });

export const kind: ServerKind = {
  name: "The server",
  errorOf: (error) =>
    error instanceof StoreError
      ? error
      : new StoreError("INCUMBENT_STORE_UNAVAILABLE", error instanceof Error ? error.message : "", {
          cause: error,
          applied: "maybe",
        }),
  isElsewhere: ({ code }) => code === "INCUMBENT_STORE_REFUSED",
};
