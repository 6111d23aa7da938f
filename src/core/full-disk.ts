import { constants } from 'node:os'

const { errno } = constants
/** Names come from Node, numbers from the operating system by way of native code. */
const codes: ReadonlySet<unknown> = new Set([errno.ENOSPC, errno.EDQUOT, 'ENOSPC', 'EDQUOT'])

/** Whether an error says that a disk, or somebody's part of it, is full: that passes when space is freed. */
export function isDiskFull(error: unknown): boolean {
  return codes.has((error as { code?: unknown } | null)?.code)
}
