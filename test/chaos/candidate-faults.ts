import { setTimeout as sleep } from "node:timers/promises";
import { drawDuration, drawSeat, type Fault } from "./fault.ts";

/** What happens to a process. */
export const candidateFaults: readonly Fault[] = [
  {
    name: "SIGKILL, and a new process",
    area: "candidate",
    draw: (chance) => {
      const seatOf = drawSeat(chance);
      return (stage) => seatOf(stage).replace();
    },
  },
  {
    name: "SIGSTOP, SIGCONT",
    area: "candidate",
    draw: (chance) => {
      const seatOf = drawSeat(chance);
      const duration = drawDuration(chance);
      return async (stage) => {
        const { candidate } = seatOf(stage);
        stage.note(`${candidate.name} is stopped`);
        candidate.signal("SIGSTOP");
        await sleep(duration);
        stage.note(`${candidate.name} is continued`);
        candidate.signal("SIGCONT");
      };
    },
  },
  {
    // No fault by itself, but a release can meet others.
    name: "resignation",
    area: "candidate",
    draw: () => async (stage) => stage.leader?.tell("resign"),
  },
  {
    name: "event loop blocked",
    area: "candidate",
    draw: (chance) => {
      const seatOf = drawSeat(chance);
      const ms = drawDuration(chance);
      return async (stage) => {
        seatOf(stage).tell("block", { ms });
        await sleep(ms);
      };
    },
  },
];
