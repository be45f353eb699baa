import { StoreError } from "../../errors.ts";

/** The answer, or an error as soon as it is not waited for any more: then what was asked may still be carried out. */
export async function untilAborted<Answer>(
  answer: Promise<Answer>,
  { signal }: { readonly signal: AbortSignal },
): Promise<Answer> {
  let giveUp = () => {};
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(unanswered());
  });
  if (signal.aborted) giveUp();
  signal.addEventListener("abort", giveUp);
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

function unanswered(): StoreError {
  const message = "The store did not answer in time.";
  return new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "maybe" });
}
