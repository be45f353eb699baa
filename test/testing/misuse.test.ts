import { describe, expect, onTestFinished, test } from "vitest";
import { createTestElection, type TestElection } from "../../src/testing.ts";

function open(...args: Parameters<typeof createTestElection>): TestElection {
  const election = createTestElection(...args);
  onTestFinished(() => election.close());
  return election;
}

/** An election whose elector has started, and leads if `leads`. */
async function started({ leads = false } = {}): Promise<TestElection> {
  const election = open();
  await election.elector.start();
  await election.advance(0);
  if (leads) await election.grant();
  return election;
}

/** An election whose elector has lost a term that its work has not noticed yet. */
async function busy(): Promise<{ election: TestElection; settle: () => void }> {
  const election = open({ drainTimeout: 100 });
  let settle = () => {};
  const work = new Promise<void>((resolve) => {
    settle = resolve;
  });
  void election.elector.lead(() => work).catch(() => {});
  await election.advance(0);
  await election.grant();
  await election.steal();
  return { election, settle };
}

const notReachable = 'needs a reachable store; got "elector-1". Example: heal(elector).';
const notLeading = 'needs an elector that leads; got "elector-1". Example: await grant() first.';
const notRunning =
  'needs a process that runs; got "elector-1". Example: a new elector, by electorFor().';
const notGiven = (more = "") =>
  `must be given an elector of this test${more}; got an object of Elector. Example: election.elector, or what electorFor() returned.`;

describe("G7: misuse throws an error that names the rule, the value and an example:", () => {
  const misuses: [what: string, message: string, act: () => Promise<unknown>][] = [
    [
      "grant() to an elector that has not started",
      'grant() needs an elector that has been started; got "elector-1". Example: elector.start().',
      async () => open().grant(),
    ],
    [
      "grant() while the elector leads",
      'grant() needs a key that no elector of this test leads; got "elector-1". Example: steal() or resign().',
      async () => (await started({ leads: true })).grant(),
    ],
    [
      "grant() while another elector leads",
      'grant() needs a key that no elector of this test leads; got "elector-1". Example: steal() or resign().',
      async () => {
        const election = await started({ leads: true });
        const second = election.electorFor("test");
        await second.start();
        await election.grant(second);
      },
    ],
    [
      "grant() while the store is unreachable",
      `grant() ${notReachable}`,
      async () => {
        const election = await started();
        await election.partition(election.elector);
        await election.grant();
      },
    ],
    [
      "grant() while the work of the last term is still running",
      'grant() needs an elector that campaigns; the work of its last term has not settled; got "elector-1". Example: end the work when term.signal is aborted.',
      async () => (await busy()).election.grant(),
    ],
    [
      "steal() while the store is unreachable",
      `steal() ${notReachable}`,
      async () => {
        const election = await started({ leads: true });
        await election.partition(election.elector);
        await election.steal();
      },
    ],
    ...(["steal", "expire"] as const).map((verb): [string, string, () => Promise<void>] => [
      `${verb}() without a leader`,
      `${verb}() ${notLeading}`,
      async () => (await started())[verb](),
    ]),
    ...(["grant", "steal", "expire", "vacate", "crash", "partition", "heal"] as const).flatMap(
      (verb): [string, string, () => Promise<void>][] => [
        [
          `${verb}() of an elector of another test`,
          `${verb}() ${notGiven(verb === "partition" || verb === "heal" ? ', or "all"' : "")}`,
          async () => open()[verb](open().elector),
        ],
        [
          `${verb}() of a process that has crashed`,
          `${verb}() ${notRunning}`,
          async () => {
            const election = await started();
            await election.crash();
            await election[verb](election.elector);
          },
        ],
      ],
    ),
    ...[-1, Number.NaN, Number.POSITIVE_INFINITY].map(
      (ms): [string, string, () => Promise<void>] => [
        `advance() by ${ms}`,
        `advance() must be given a number of ms, 0 or more; got ${ms}. Example: advance(10_000).`,
        async () => open().advance(ms),
      ],
    ),
    [
      "advance() by a text",
      'advance() must be given a number of ms, 0 or more; got "5". Example: advance(10_000).',
      // @ts-expect-error: what a caller without types may pass.
      async () => open().advance("5"),
    ],
  ];

  test.each(misuses)("%s", async (_what, message, act) => {
    await expect(act()).rejects.toMatchObject({ code: "INCUMBENT_INVALID_OPTION", message });
  });

  test("an option that does not exist, or has the wrong type", () => {
    // @ts-expect-error: what a caller without types may pass.
    expect(() => createTestElection("test", { ttI: 5 })).toThrow(/did you mean "ttl"/);
    // @ts-expect-error: the same.
    expect(() => createTestElection({ vacant: 1 })).toThrow("vacant must be true or false; got 1.");
    // @ts-expect-error: the same.
    expect(() => createTestElection("test", 5)).toThrow("{ vacant: true }");
  });
});

test("a failed grant() elects no elector later", async () => {
  const { election, settle } = await busy();
  await expect(election.grant()).rejects.toThrow(/has not settled/);
  settle();
  await election.advance(60_000);
  expect(election.elector.isLeader()).toBe(false);
});

test("a grant() that fails gives up in time, whatever other electors have to do", async () => {
  const { election } = await busy();
  const other = election.electorFor("other", { drainTimeout: 100 });
  await other.start();
  await election.grant(other);
  const longest = 2 * 10_000 + 100;
  const before = election.clock.now();
  await expect(election.grant()).rejects.toThrow(/has not settled/);
  expect(election.clock.now()).toBeLessThanOrEqual(before + longest);
});
