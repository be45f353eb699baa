import { setTimeout as sleep } from "node:timers/promises";
import { median, quantile } from "../../median.mjs";
import { startCandidates } from "../candidates.mjs";
import { now } from "../clock.mjs";
import { inTime } from "../in-time.mjs";
import { inLanes } from "../lanes.mjs";
import { startServer } from "../servers.mjs";

export const name = "crowd";
export const title = "Thousands of candidates of one key";
export const method = `A leader and its candidates, which are spread over four other processes, ttl 10 s. The leader stops, and
campaigns again when the next one has been elected. The server's CPU is what it uses from the call until 100 ms
after the next term began, less what the same candidates use in as much time while nothing happens.`;

export const columns = [
  { key: "candidates", title: "candidates", digits: 0 },
  { key: "package", title: "package" },
  { key: "rounds", title: "rounds", digits: 0 },
  { key: "median", title: "median ms", digits: 1, better: "less" },
  { key: "p99", title: "p99 ms", digits: 1, better: "less" },
  { key: "serverCpu", title: "Redis CPU ms a hand-over", digits: 2, better: "less" },
  { key: "quietCpu", title: "Redis CPU ms a second otherwise", digits: 1, better: "less" },
];

export const divides = [
  {
    key: "candidates",
    text: (count) => (count === 1 ? "1 candidate" : `${count.toLocaleString("en")} candidates`),
  },
];

const KEY = "crowd";
const SETTINGS = { ttl: 10_000, renewal: 3333 };

export async function* run({ packages, scale, progress }) {
  const subjects = packages.filter(({ crowds }) => crowds);
  progress.expect(subjects.length * scale.crowd.candidates.length);
  for (const count of scale.crowd.candidates) {
    yield* inLanes(subjects, 1, progress, async (subject) => ({
      candidates: count,
      ...(await measure(subject, count, scale.crowd)),
    }));
  }
}

async function measure(subject, count, { rounds, patience }) {
  const server = await startServer();
  const settings = { ...SETTINGS, port: server.port };
  const crowd = new Crowd(await startCandidates(Math.min(count, 4) + 1, subject.name, settings));
  const [took, cpu] = [[], []];
  let quiet;
  try {
    await crowd.gather(count);
    await sleep(2000);
    quiet = await cpuDuring(server, () => sleep(2000));
    const end = performance.now() + patience;
    while (took.length < rounds && performance.now() < end) {
      await sleep(200 + Math.random() * 100);
      const used = await cpuDuring(server, async () => {
        took.push(await crowd.handOver());
        await sleep(100);
      });
      cpu.push(Math.max(0, used.cpu - (quiet.cpu / quiet.ms) * used.ms));
      await crowd.comeBack();
    }
  } finally {
    await crowd.close();
    await server.stop();
  }
  return {
    ...{ package: subject.name, rounds: took.length },
    ...{ median: median(took), p99: quantile(took, 0.99), serverCpu: median(cpu) },
    quietCpu: (quiet.cpu / quiet.ms) * 1000,
  };
}

async function cpuDuring(server, act) {
  const [begun, before] = [now(), await server.load()];
  await act();
  const after = await server.load();
  return { cpu: after.cpu - before.cpu, ms: now() - begun };
}

/** Candidates of one key, many in a process. */
class Crowd {
  #processes;
  /** The process and the name of the one that leads, and of the one that has left. */
  #leader;
  #left;
  #onGained = () => {};

  constructor(processes) {
    this.#processes = processes;
    for (const child of processes) {
      child.listen(({ event, at, member }) => {
        if (event !== "gained") return;
        this.#leader = { child, member };
        this.#onGained(at);
      });
    }
  }

  /** One leads, in the first process, before the others come. */
  async gather(count) {
    const [first, ...others] = this.#processes;
    const gained = this.#nextGained();
    await first.ask("campaign", { key: KEY, member: "first" });
    await gained;
    const members = Array.from({ length: count }, (_, index) => `member ${index}`);
    await Promise.all(
      members.map((member, index) =>
        others[index % others.length].ask("campaign", { key: KEY, member }),
      ),
    );
  }

  /** How long it took until the next one led, in ms. */
  async handOver() {
    this.#left = this.#leader;
    const gained = this.#nextGained();
    const begun = await this.#left.child.ask("stop", { member: this.#left.member });
    return (await gained) - begun;
  }

  comeBack() {
    const { child, member } = this.#left;
    return child.ask("campaign", { key: KEY, member });
  }

  close() {
    return Promise.all(this.#processes.map((child) => child.kill()));
  }

  #nextGained() {
    return inTime((resolve) => {
      this.#onGained = resolve;
    });
  }
}
