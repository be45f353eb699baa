import { killedLeaders, resignedLeaders } from "./crash.ts";

killedLeaders(20);
resignedLeaders(20);
