import { errorCode, errorMessage } from '../core/errors.ts'

/**
 * What the error of a command asks for:
 * - `unreachable`: nothing was sent
 * - `no-answer`: it was sent, and the connection ended before its answer
 * - `busy`: the server cannot do it now: no memory, loading, a replica, a cluster without its slot
 * - `credentials`: the user may not do it
 * - `setup`: the key is of another type, or the server is a node of a cluster
 * - `refused`: the server refuses this command, and would refuse it again
 */
export type RedisVerdict = 'unreachable' | 'no-answer' | 'busy' | 'credentials' | 'setup' | 'refused'

/** By the first word of an answer. */
const verdicts: Readonly<Record<string, RedisVerdict>> = Object.freeze({
  OOM: 'busy',
  LOADING: 'busy',
  BUSY: 'busy',
  READONLY: 'busy',
  MASTERDOWN: 'busy',
  MISCONF: 'busy',
  NOREPLICAS: 'busy',
  CLUSTERDOWN: 'busy',
  TRYAGAIN: 'busy',
  UNBLOCKED: 'busy',
  NOAUTH: 'credentials',
  WRONGPASS: 'credentials',
  NOPERM: 'credentials',
  WRONGTYPE: 'setup',
  MOVED: 'setup',
  ASK: 'setup',
  CROSSSLOT: 'setup',
})

const notSent =
  /isn't writeable|isn't ready|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|connect ETIMEDOUT|startup nodes/

/** What is to be done about an error of a command, or of the connection. */
export function redisVerdict(error: unknown): RedisVerdict {
  const text = errorMessage(error)
  if ((error as { name?: unknown } | undefined)?.name === 'ReplyError') {
    if (/max number of clients reached/.test(text)) return 'busy'
    return verdicts[text.split(' ', 1)[0] ?? ''] ?? 'refused'
  }
  return notSent.test(`${errorCode(error) ?? ''} ${text}`) ? 'unreachable' : 'no-answer'
}

/** True for the answer to a group that exists already. */
export function isBusyGroup(error: unknown): boolean {
  return errorMessage(error).startsWith('BUSYGROUP')
}
