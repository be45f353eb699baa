import * as handOver from "./measures/hand-over.mjs";
import * as many from "./measures/many.mjs";

/**
 * In the order of the page. Each has a `name`, a `title`, its `method`, the `columns` of its table, and `run`,
 * which measures the packages and yields rows.
 */
export const measures = [many, handOver];

export const measureNames = measures.map(({ name }) => name);
