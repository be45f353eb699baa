import incumbent = require("incumbent");
import redis = require("incumbent/redis");
import sqlite = require("incumbent/sqlite");
import store = require("incumbent/store");

const leases: store.LeaseStore = new sqlite.SqliteStore("a.db");
export const electors: incumbent.Elector[] = [
  new incumbent.Elector(leases, "office"),
  new redis.RedisElector("redis://127.0.0.1", "office"),
];
