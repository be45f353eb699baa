import { Elector, MemoryStore } from "../dist/index.js";

const CALLS = 2_000_000;
const REPETITIONS = 9;

/** Least ns a call, because noise only adds, of isLeader() while leading, against its two looks at the clocks. */
export async function measureIsLeader() {
  const elector = new Elector(new MemoryStore(), "bench", { ttl: 600_000 });
  await elector.start();
  await elector.waitForLeadership();
  const deadline = performance.now() + 600_000;
  const wallDeadline = Date.now() + 600_000;
  const ours = [];
  const minimum = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    ours.push(nanoseconds(() => elector.isLeader()));
    minimum.push(nanoseconds(() => performance.now() < deadline && Date.now() < wallDeadline));
  }
  await elector.stop();
  return [
    {
      what: "isLeader()",
      ours: Math.min(...ours),
      minimum: Math.min(...minimum),
      unit: "ns",
      budget: 150,
    },
  ];
}

function nanoseconds(call) {
  let yes = 0;
  const begun = process.hrtime.bigint();
  for (let index = 0; index < CALLS; index += 1) if (call()) yes += 1;
  const spent = Number(process.hrtime.bigint() - begun) / CALLS;
  if (yes !== CALLS) throw new Error("the leader was deposed during the measurement");
  return spent;
}
