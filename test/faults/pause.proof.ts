import { blockedLeaders, stoppedLeaders } from "./pause.ts";

stoppedLeaders(20);
blockedLeaders(20);
