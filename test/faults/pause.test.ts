import { blockedCallbacks, blockedLeaders, stoppedLeaders } from "./pause.ts";

stoppedLeaders(2);
blockedLeaders(2);
blockedCallbacks();
