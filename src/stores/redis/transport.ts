import type { Question } from "../connections/asked-request.ts";
import type { Wait } from "../connections/command-connection.ts";
import type { Examination, Finding } from "../lease-store.ts";
import type { KnownServer } from "./script/known-servers.ts";
import type { ScriptReply } from "./script/redis-reply.ts";
import type { ScriptName } from "./script/redis-scripts.ts";

/** What one server, or one cluster, can be asked. */
export interface Transport {
  /** What the server that was last heard from said of itself. */
  readonly known: KnownServer | undefined;
  /** Rejects with a `StoreError` that says whether the request may have been carried out. */
  ask<Answer>(question: Question<ScriptName, ScriptReply, Answer>): Promise<Answer>;
  /** The hash slot of a key, on a cluster. */
  slotOf?(key: string): number;
  /** The keys of all elections. */
  keys(wait: Wait): Promise<string[]>;
  /**
   * Listens to what is published of an election: `released` or `changed`, and the token. `undefined` in
   * place of a message: subscribed anew, and something may have gone unheard.
   */
  watch(key: string, onMessage: (message: string | undefined) => void): () => void;
  /** `name`: what the server is called in the findings if it is one of several. */
  diagnose(examination: Examination, name?: string): AsyncIterable<Finding>;
  /** Ends what was opened here. A later request opens it again, and listeners hear again from then on. */
  close(): Promise<void>;
}
