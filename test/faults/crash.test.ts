import { endedProcesses, killedLeaders, resignedLeaders, stoppedLeaders } from "./crash.ts";

killedLeaders(3);
resignedLeaders(5);
stoppedLeaders();
endedProcesses();
