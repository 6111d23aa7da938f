/**
 * Which interval the value of a row belongs to. Each row is in one of these states; `WriteBuffer` alone moves it, by its
 * verbs, along `rowStateAfter`.
 *
 * ```
 *            put              take              applied
 *   clean ---------> changed ------> written ----------> clean
 *     ^                 |  ^         |     ^
 *     '---- discard ----'  |     put |     | discard, take
 *                          |         v     |
 *                          '------ rewritten
 *                          applied
 *
 *   (no row) -- put, unread, where the engine may hold the key --> blind -- take ----> written
 *                                                                    '---- discard --> gone
 * ```
 * | state | means | the saved value is |
 * |---|---|---|
 * | clean | as the last commit left it | |
 * | changed | put in this interval | what it was before |
 * | blind | put in this interval; the engine has what it was | |
 * | written | in the batch in flight, not put since | |
 * | rewritten | in the batch in flight, put again since | what the batch holds |
 * | gone | not in its table any more: who still points to it looks its key up again | |
 *
 * Rows also go when they hold nothing that is worth a place: deleted ones without an engine, clean ones that are many.
 *
 * Example, with an engine that has 0 for `a`: `put(a, 1)` makes `a` blind. `take` makes it written, and the batch holds 1.
 * While the engine writes, `put(a, 2)` makes it rewritten, with 1 saved. `discard` would bring back 1 and written;
 * `applied` leaves changed, and 1 to go back to.
 */
export const rowStates = { clean: 0, written: 1, changed: 2, blind: 3, rewritten: 4, gone: 5 } as const

export type RowState = (typeof rowStates)[keyof typeof rowStates]

/** States up to this one: not put in this interval. The first put of an interval finds these; one comparison, as it is asked at each put. */
export const lastUnchanged = rowStates.written

const { clean, changed, blind, written, rewritten, gone } = rowStates

/** The state after a verb, by the state before. `take` and `discard` are for rows of the interval, `applied` for those of the batch. */
export const rowStateAfter: { readonly [verb in 'put' | 'take' | 'applied' | 'discard']: readonly RowState[] } = {
  // before:  clean    written    changed  blind    rewritten  gone
  put: [changed, rewritten, changed, blind, rewritten, gone],
  take: [clean, written, written, written, written, gone],
  applied: [clean, clean, changed, blind, changed, gone],
  discard: [clean, written, clean, gone, written, gone],
}
