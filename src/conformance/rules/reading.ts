import { expect } from "../expectations.ts";
import type { Rule } from "../rule.ts";

/** What `read`, refusals and `keys` show. */
export const readingRules: readonly Rule[] = [
  {
    id: "read-shows-the-holder",
    group: "reading",
    title: "read and a refusal show the leader, the start of its term, its token and its metadata",
    async run(trial) {
      const holder = trial.attempt({ nodeId: "api-7", metadata: "http://10.0.0.7:8080" });
      const { token, since } = await holder.win();
      const { leader } = await trial.attempt().lose("an attempt on a live lease");
      const shown = await trial.expectHolder("during a lease", await trial.open());
      for (const record of leader === undefined ? [shown] : [shown, leader]) {
        const { nodeId, metadata } = record;
        expect(nodeId === "api-7", 'nodeId must be "api-7"', nodeId);
        expect(metadata === holder.fields.metadata, "metadata must be the holder's", metadata);
        expect(record.token === token, `token must be the granted ${token}`, record.token);
        expect(record.since === since, `since must be the granted ${since}`, record.since);
        const { ttl = holder.fields.ttl } = record;
        const isItsOwn = Math.abs(ttl - holder.fields.ttl) <= trial.declared.granularity;
        expect(isItsOwn, `ttl must be the ${holder.fields.ttl} ms that it asked for`, ttl);
      }
    },
  },
  {
    id: "read-shows-no-leader",
    group: "reading",
    title: "read shows no leader if the election has none",
    async run(trial) {
      await trial.expectNoLeader("before the first term");
      const holder = trial.attempt();
      await holder.win();
      await holder.release();
      await trial.expectNoLeader("after a release");
    },
  },
  {
    id: "read-shows-no-ended-lease",
    group: "reading",
    title: "read does not show an expired lease",
    async run(trial) {
      await trial.attempt({ ttl: trial.shortTtl }).win();
      await trial.outlast(trial.shortTtl);
      await trial.expectNoLeader("after the end of the lease");
    },
  },
  {
    id: "nonce-stays-secret",
    group: "reading",
    title: "neither read nor a refusal reveals the nonce",
    async run(trial) {
      const holder = trial.attempt();
      await holder.win();
      const refusal = await trial.attempt().lose("an attempt on a live lease");
      const shown = await trial.expectHolder("during a lease");
      const texts = JSON.stringify([refusal, shown]);
      expect(
        !texts.includes(holder.fields.nonce),
        "a nonce must stay secret, because it is enough to release the lease",
      );
    },
  },
  {
    id: "renewal-updates-metadata",
    group: "reading",
    title: "a renewal with new metadata changes what read shows",
    async run(trial) {
      const holder = trial.attempt({ metadata: "before" });
      const { token } = await holder.win();
      await holder.renew(token, { metadata: "after" });
      const { metadata } = await trial.expectHolder("after a renewal", await trial.open());
      expect(metadata === "after", 'metadata must be "after"', metadata);
    },
  },
  {
    id: "texts-are-kept",
    group: "reading",
    title: "nodeId and metadata are returned unchanged, whatever characters they contain",
    async run(trial) {
      // Electors pass neither NUL nor lone surrogates, and invisible characters only in metadata.
      const names = ["a b", `'"\\`, "%00", "\\u0000", "ü€😀", "{}[]:,*%", "x".repeat(256)];
      const free = [" ", "\u0001\n\r\t", "e\u0301\u200b\ufeff", "null", "m".repeat(4096)];
      for (const [index, text] of [...names, ...free].entries()) {
        const key = `${trial.key}-${index}`;
        const nodeId = names[index] ?? "node";
        await trial.attempt({ key, nodeId, metadata: text }).win();
        const shown = await trial.read(trial.store, key);
        expect(shown?.nodeId === nodeId, `nodeId must be ${JSON.stringify(nodeId)}`, shown?.nodeId);
        const same = shown.metadata === text;
        expect(same, `metadata must be ${JSON.stringify(text)}`, shown.metadata);
      }
    },
  },
  {
    id: "keys-are-listed",
    group: "reading",
    title: "every election is listed, even one without a leader",
    needs: "keys",
    async run(trial) {
      const led = `${trial.key}-led`;
      await trial.attempt({ key: led }).win();
      const vacant = trial.attempt({ key: `${trial.key}-vacant %25'"\\*é😀` });
      await vacant.win();
      await vacant.release();
      const { signal } = new AbortController();
      const listed = await (await trial.open()).keys?.({ clock: trial.time, signal });
      expect(listed !== undefined, "the store declares keys, so it must have keys()");
      expect(listed.includes(led), "a key with a leader must be listed", listed);
      expect(listed.includes(vacant.fields.key), "a key without a leader must be listed", listed);
    },
  },
  {
    id: "readers-hinder-no-writer",
    group: "reading",
    title: "readers prevent neither a renewal nor an acquire",
    async run(trial) {
      const reader = await trial.open();
      const { signal } = new AbortController();
      const look = () => [
        ...Array.from({ length: 8 }, () => trial.read(reader)),
        reader.keys?.({ clock: trial.time, signal }),
      ];
      const holder = trial.attempt();
      const [{ token }] = await Promise.all([holder.win(), ...look()]);
      const [renewed] = await Promise.all([holder.renew(token), ...look()]);
      expect(renewed.renewed, "a leader must be able to renew while other processes read", renewed);
      const [released] = await Promise.all([holder.release(), ...look()]);
      expect(
        released.released,
        "a leader must be able to release while other processes read",
        released,
      );
      // The reader still has its store open.
      await trial.attempt().win();
    },
  },
  {
    id: "looking-leaves-nothing",
    group: "reading",
    title: "reading an election does not create it",
    needs: "keys",
    async run(trial) {
      const { signal } = new AbortController();
      await trial.expectNoLeader("in an election without any attempt");
      const listed = (await trial.store.keys?.({ clock: trial.time, signal })) ?? [];
      expect(!listed.includes(trial.key), "reading must not create an election", trial.key);
    },
  },
];
