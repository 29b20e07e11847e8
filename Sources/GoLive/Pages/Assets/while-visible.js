// @ts-check
/**
 * Does something again and again, but only while somebody can see the page; at once when it is looked at again. After a
 * failure it waits longer, up to eight times.
 * @param {() => Promise<void>} action
 * @param {number} milliseconds between the end of one time and the next
 */
export function whileVisible(action, milliseconds) {
  let failures = 0;
  /** @type {any} */
  let timer;
  let isBusy = false;

  const plan = () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") timer = setTimeout(run, milliseconds * 2 ** Math.min(failures, 3));
  };

  async function run() {
    if (isBusy) return;
    isBusy = true;
    try {
      await action();
      failures = 0;
    } catch {
      failures += 1;
    } finally {
      isBusy = false;
      plan();
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") run();
    else clearTimeout(timer);
  });
  plan();
}
