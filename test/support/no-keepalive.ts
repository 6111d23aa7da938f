import type { Keepalive } from '../../src/kafka/wire/group/keepalive.ts'

/** For members whose event loop nobody holds. */
export const noKeepalive: Pick<Keepalive, 'keep' | 'tell' | 'isReporting'> = {
  keep: () => () => {},
  tell: () => {},
  isReporting: false,
}
