import { expect } from "../expectations.ts";
import type { Rule } from "../rule.ts";

/** What anybody may see. */
export const readingRules: readonly Rule[] = [
  {
    id: "read-shows-the-holder",
    group: "reading",
    title: "a look and a refusal show who leads, since when, with which token and metadata",
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
      }
    },
  },
  {
    id: "read-shows-nobody",
    group: "reading",
    title: "a look at an election that nobody leads shows nobody",
    async run(trial) {
      await trial.expectNobody("before the first term");
      const holder = trial.attempt();
      await holder.win();
      await holder.release();
      await trial.expectNobody("after a release");
    },
  },
  {
    id: "read-shows-no-ended-lease",
    group: "reading",
    title: "a look shows no lease that has run out",
    async run(trial) {
      await trial.attempt({ ttl: trial.shortTtl }).win();
      await trial.outlast(trial.shortTtl);
      await trial.expectNobody("after the end of the lease");
    },
  },
  {
    id: "nonce-stays-secret",
    group: "reading",
    title: "neither a look nor a refusal gives away the nonce",
    async run(trial) {
      const holder = trial.attempt();
      await holder.win();
      const refusal = await trial.attempt().lose("an attempt on a live lease");
      const shown = await trial.expectHolder("during a lease");
      const told = JSON.stringify([refusal, shown]);
      expect(!told.includes(holder.fields.nonce), "whoever knows a nonce can release the lease");
    },
  },
  {
    id: "renewal-updates-metadata",
    group: "reading",
    title: "a renewal with other metadata changes what is shown",
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
    title: "nodeId and metadata come back as they were given, whatever is in them",
    async run(trial) {
      // Neither has NUL or lone surrogates in it; of the rest, metadata alone may have what cannot be seen.
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
    title: "every election is listed, also one without a leader",
    needs: "keys",
    async run(trial) {
      const led = `${trial.key}-led`;
      await trial.attempt({ key: led }).win();
      const vacant = trial.attempt({ key: `${trial.key}-vacant %25'"\\*é😀` });
      await vacant.win();
      await vacant.release();
      const { signal } = new AbortController();
      const listed = await (await trial.open()).keys?.({ clock: trial.time, signal });
      expect(listed !== undefined, "a list of keys is declared, so the store must have keys()");
      expect(listed.includes(led), "a key with a leader must be listed", listed);
      expect(listed.includes(vacant.fields.key), "one without a leader must be listed", listed);
    },
  },
  {
    id: "readers-hinder-nobody",
    group: "reading",
    title: "whoever only looks keeps no leader from renewing, and no candidate from winning",
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
      expect(renewed.renewed, "a leader must be renewed while others look", renewed);
      const [released] = await Promise.all([holder.release(), ...look()]);
      expect(released.released, "a leader must be released while others look", released);
      // The reader is still there, and what it has open.
      await trial.attempt().win();
    },
  },
  {
    id: "looking-leaves-nothing",
    group: "reading",
    title: "an election that was only looked at is not listed",
    needs: "keys",
    async run(trial) {
      const { signal } = new AbortController();
      await trial.expectNobody("in an election that was never held");
      const listed = (await trial.store.keys?.({ clock: trial.time, signal })) ?? [];
      expect(!listed.includes(trial.key), "a look must not make an election", trial.key);
    },
  },
];
