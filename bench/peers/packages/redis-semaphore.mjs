import { connect } from "../connect.mjs";
import { load } from "../install.mjs";

export const use =
  "`Mutex` in a loop, `refreshInterval` a third of the ttl, polls every 10 ms (its default).";

export const requests = ["eval", "evalsha", "set"];

export const renewsEvery = ({ renewal }) => renewal;

/** A mutex that is acquired again whenever it was lost. It polls every 10 ms, its default. */
export async function open({ port, ttl, renewal }) {
  const { Mutex } = load("redis-semaphore");
  const client = connect(port);
  return {
    campaign: async (key, { gained, lost }) => {
      let isStopped = false;
      let end = () => {};
      const mutex = new Mutex(client, key, {
        lockTimeout: ttl,
        refreshInterval: renewal,
        acquireTimeout: Number.MAX_SAFE_INTEGER,
        onLockLost: () => end(),
      });
      const campaign = async () => {
        while (!isStopped) {
          await mutex.acquire();
          if (isStopped) return mutex.release();
          gained();
          await new Promise((resolve) => {
            end = resolve;
          });
          lost();
        }
      };
      void campaign();
      return {
        isLeader: () => mutex.isAcquired,
        stop: async () => {
          isStopped = true;
          if (mutex.isAcquired) await mutex.release();
          end();
        },
      };
    },
  };
}

export function remaining(redis, key) {
  return redis.pttl(`mutex:${key}`);
}
