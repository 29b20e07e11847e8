// @ts-check
/** Small wishes that this browser remembers, such as the volume. Where nothing can be kept, nothing is. */

/**
 * @param {string} name
 * @returns {string | undefined}
 */
export function kept(name) {
  try {
    return localStorage.getItem(`golive.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} name
 * @param {string | undefined} value nothing: forget it
 */
export function keep(name, value) {
  try {
    if (value === undefined) localStorage.removeItem(`golive.${name}`);
    else localStorage.setItem(`golive.${name}`, value);
  } catch {
    // A private window, or full.
  }
}
