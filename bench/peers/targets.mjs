// What Incumbent is to hold, as ratios in one run.

/** What could be checked of it: `{ what, figure, limit, holds }`. */
export function targetsIn(rows) {
  return [
    ...manyTargets(rows),
    ...handOverTargets(rows),
    ...crashTargets(rows),
    ...crowdTargets(rows),
  ];
}

function manyTargets(rows) {
  const many = rows.filter(({ measure }) => measure === "many");
  const alone = many.find(isOf("none"));
  return many.filter(isOf("incumbent")).flatMap((own) => {
    const beside = many.filter(
      ({ leaderships, ttl }) => leaderships === own.leaderships && ttl === own.ttl,
    );
    const [control, bare] = ["control", "bare"].map((name) => beside.find(isOf(name)));
    const peers = beside.filter(
      ({ package: name }) => !["incumbent", "control", "bare"].includes(name),
    );
    const cheapest = Math.min(...peers.map(({ clientCpu }) => clientCpu));
    const at = `${own.leaderships.toLocaleString("en")} leaderships, ttl ${own.ttl / 1000} s`;
    return [
      atMost(`${at}: held, of all`, own.leaderships - own.held, 0, "missing"),
      atMost(`${at}: leases lost`, own.lost, 0, "lost"),
      ratio(`${at}: all held, to the control`, own.allHeldMs, control?.allHeldMs, 2),
      ratio(`${at}: client CPU, to the cheapest peer`, own.clientCpu, finite(cheapest), 0.2),
      ratio(`${at}: server CPU a renewal, to the bare script`, own.serverCpu, bare?.serverCpu, 1.5),
      ratio(`${at}: requests, to the control`, own.requests, control?.requests, 0.05),
      ratio(`${at}: p99 of other clients, to no elections`, own.otherP99, alone?.otherP99, 2),
    ].filter(isKnown);
  });
}

function handOverTargets(rows) {
  const of = (name) => rows.filter(({ measure }) => measure === "hand-over").find(isOf(name));
  const [own, control] = [of("incumbent"), of("control")];
  return [ratio("hand-over, to the control", own?.median, control?.median, 1.3)].filter(isKnown);
}

function crashTargets(rows) {
  const own = rows.filter(({ measure }) => measure === "crash").find(isOf("incumbent"));
  return [
    atMost("after a crash, median", own?.median, 3, "ms"),
    atMost("after a crash, p99", own?.p99, 10, "ms"),
  ].filter(isKnown);
}

function crowdTargets(rows) {
  const own = rows.filter(({ measure }) => measure === "crowd").filter(isOf("incumbent"));
  const [few, many] = [1, 1000].map((count) => own.find((row) => row.candidates === count));
  return [
    atMost("hand-over with 1,000 candidates, median", many?.median, 2, "ms"),
    ratio("its server CPU, to that with 1 candidate", many?.serverCpu, few?.serverCpu, 5),
  ].filter(isKnown);
}

function isOf(name) {
  return (row) => row.package === name;
}

function finite(value) {
  return Number.isFinite(value) ? value : undefined;
}

function ratio(what, own, other, limit) {
  if (own === undefined || other === undefined) return undefined;
  return atMost(what, own / other, limit, "x");
}

function atMost(what, figure, limit, unit) {
  if (figure === undefined) return undefined;
  return { what, figure, limit, unit, holds: figure <= limit };
}

function isKnown(target) {
  return target !== undefined;
}
