// A busy machine takes long to start thirty processes.
const PATIENCE = 120_000;

/** As a promise, but it rejects if it has not settled after two minutes, which may go unheard. */
export function inTime(executor) {
  const promise = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no process was elected")), PATIENCE);
    timer.unref();
    executor((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
  promise.catch(() => {});
  return promise;
}
