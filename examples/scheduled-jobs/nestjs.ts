import "reflect-metadata";
import { Inject, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { Cron, ScheduleModule } from "@nestjs/schedule";
import { Elector } from "incumbent";
import { electorToken, IncumbentModule, LeaderOnly } from "incumbent/nestjs";
import { SqliteStore } from "incumbent/sqlite";
import { report } from "./report.mjs";

const [, , nodeId, file = ""] = process.argv;
const elector = new Elector(new SqliteStore(file), "reports", { ttl: 2000, nodeId });

class Reports {
  constructor(@Inject(electorToken()) private readonly elector: Elector) {}

  @Cron("* * * * * *", { waitForCompletion: true })
  @LeaderOnly()
  async send(): Promise<void> {
    const { term } = this.elector;
    if (term !== undefined) await report(term);
  }
}

@Module({
  imports: [ScheduleModule.forRoot(), IncumbentModule.forRoot(elector)],
  providers: [Reports],
})
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, { logger: ["error"] });
app.enableShutdownHooks();
