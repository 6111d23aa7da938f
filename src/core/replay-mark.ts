import type { Headers } from './headers.ts'

/** The header of records that a replay produced; its value is the id of the replay. */
export const replayHeader = 'millrace-replay'

/** Whether a record comes from a replay: code that notifies people or other systems should ignore such a record. */
export function isReplayed(headers: Headers): boolean {
  for (const { key } of headers) if (key === replayHeader) return true
  return false
}

/** The headers with the mark of a replay, once. */
export function withReplayMark(headers: Headers, mark: Uint8Array): Headers {
  return isReplayed(headers) ? headers : [...headers, { key: replayHeader, value: mark }]
}
