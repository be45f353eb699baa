import { filesEndingIn } from "./test/support/suite.ts";

/** What `npm test` runs: every behaviour, in a few minutes. */
export default filesEndingIn("test.ts");
