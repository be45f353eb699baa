import { endedProcesses, killedLeaders, resignedLeaders, stoppedLeaders } from "./crash.ts";

killedLeaders(5);
resignedLeaders(5);
stoppedLeaders();
endedProcesses();
