import type { LeaderInfo } from "../../elector/terms/term.ts";
import { redactAddress } from "../../redact.ts";
import type { Io, Palette } from "../io.ts";
import type { Claim } from "./claims.ts";
import { type FromCandidate, sharedNow } from "./messages.ts";
import type { Finding, Narrator } from "./scenes.ts";
import { drawTimeline } from "./timeline.ts";

/** Prints the whole demo: the scenes, the messages between them, and the result. */
export interface DemoNarrator extends Narrator {
  heard(nodeId: string, message: FromCandidate): void;
  end(names: readonly string[], claims: readonly Claim[], findings: readonly Finding[]): void;
}

interface About {
  readonly url: string;
  readonly key: string;
  readonly ttl: number;
}

const TIMELINE_WIDTH = 64;

/** Prints text for people. */
export function textNarrator(io: Io, palette: Palette, about: About): DemoNarrator {
  const { bold, dim, green, red, yellow, cyan } = palette;
  const begun = sharedNow();
  const line = (text: string) => {
    const seconds = ((sharedNow() - begun) / 1000).toFixed(2).padStart(6);
    io.out.write(`${dim(`${seconds} s`)}  ${text}\n`);
  };
  let quarantined = false;
  let failing = false;
  io.out.write(`${bold("incumbent demo")} on ${redactAddress(about.url)}, ttl ${about.ttl} ms\n\n`);
  return {
    announce: (_scene, text) => line(yellow(text)),
    leader: (_scene, leader, takeover) => {
      line(
        `${bold(cyan(leader.nodeId))} leads: ${describe(leader)}${takeover === undefined ? "" : `; elected ${bold(takeover)}`}`,
      );
    },
    finding: ({ claim, holds, seen }) => {
      line(`${holds ? green("ok  ") : red("FAIL")} ${claim} ${dim(`(${seen})`)}`);
    },
    heard: (nodeId, message) => {
      if (message.type === "quarantined" && !quarantined) {
        quarantined = true;
        line(
          dim(`the store may have lost a lease: no election for ${Math.round(message.retryIn)} ms`),
        );
      }
      if (message.type === "deposed") line(dim(`${nodeId} no longer leads (${message.reason})`));
      if (message.type === "store-error" && !failing) {
        failing = true;
        line(red(`store request failed: ${message.message}`));
      }
    },
    end: (names, claims, findings) => {
      io.out.write(`\n${drawTimeline(names, claims, palette, TIMELINE_WIDTH)}\n`);
      const failed = findings.filter(({ holds }) => !holds).length;
      const verdict =
        failed === 0
          ? green("All checks passed.")
          : red(`${failed} of ${findings.length} checks failed.`);
      io.out.write(`${bold(verdict)}\n`);
    },
  };
}

/** Prints one JSON object per line for programs. */
export function jsonNarrator(io: Io, _palette: Palette, about: About): DemoNarrator {
  const write = (event: string, fields: object) => {
    io.out.write(`${JSON.stringify({ event, at: new Date().toISOString(), ...fields })}\n`);
  };
  write("demo", { store: redactAddress(about.url), key: about.key, ttlMs: about.ttl });
  return {
    announce: (scene, text) => write("scene", { scene, text }),
    leader: (scene, { nodeId, token, since, expiresIn }, takeover) => {
      write("leader", {
        scene,
        nodeId,
        token,
        since,
        expiresInMs: Math.round(expiresIn),
        takeover,
      });
    },
    finding: (finding) => write("finding", finding),
    heard: (nodeId, message) => {
      const { type, at, ...fields } = message;
      if (type !== "look") write(type, { nodeId, heardAt: at, ...fields });
    },
    end: (_names, claims, findings) => {
      const ok = findings.every(({ holds }) => holds);
      write("end", { ok, terms: claims.length, failed: findings.filter((f) => !f.holds).length });
    },
  };
}

function describe({ token, since, expiresIn }: LeaderInfo): string {
  const time = since.toISOString().slice(11, 23);
  return `token ${token}, since ${time}, ${Math.round(expiresIn)} ms remaining`;
}
