/** Resolves when `check` is true; rejects, with what `what` says, when it is not in time. */
export async function until(
  check: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
  what = String(check),
): Promise<void> {
  for (const deadlineMs = performance.now() + timeoutMs; !(await check()); ) {
    if (performance.now() > deadlineMs) throw new Error(`not so after ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
