import { electorsInARow } from "./cycles.ts";

// Less than a closure with a list entry.
electorsInARow(10_000, 64);
