import type { LossReason } from "../election/state.ts";
import type { EventSource } from "../elector/events.ts";
import type { OpenTelemetrySpan, OpenTelemetryTracer } from "./opentelemetry-api.ts";

/** What OpenTelemetry's `SpanStatusCode.ERROR` is. */
const ERROR = 2;

/** Losses that were asked for; every other one is an error. */
const asked: Partial<Record<LossReason, true>> = { resigned: true, stopped: true };

/**
 * Makes a span of each term until the returned function is called. A span that is open then ends without a loss.
 *
 * The end is computed from the beginning, since a term that a pause has outlasted ended at its deadline: its span
 * must not overlap the successor's.
 */
export function traceTerms(
  elector: EventSource,
  name: string,
  tracer: OpenTelemetryTracer,
): () => void {
  let open: { readonly span: OpenTelemetrySpan; readonly startTime: number } | undefined;
  const stops = [
    elector.on("elected", ({ term }) => {
      const startTime = Date.now();
      const attributes = {
        "leader_election.key": term.key,
        "leader_election.node_id": term.nodeId,
        "leader_election.token": term.token,
      };
      // A root: a term is no part of the request or the job in which the elector was started.
      const span = tracer.startSpan(`lead ${name}`, { root: true, startTime, attributes });
      open = { span, startTime };
    }),
    elector.on("deposed", ({ reason, lasted }) => {
      if (open === undefined) return;
      const { span, startTime } = open;
      open = undefined;
      const endTime = startTime + lasted;
      const attributes = { "leader_election.reason": reason };
      span.setAttributes(attributes);
      span.addEvent("leader_election.lost", attributes, endTime);
      if (asked[reason] === undefined) {
        span.setAttributes({ "error.type": reason });
        span.setStatus({ code: ERROR, message: `Leadership was lost: ${reason}` });
      }
      span.end(endTime);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    open?.span.end();
    open = undefined;
  };
}
