import { MillraceError } from '../../core/errors.ts'
import { told } from '../../core/shown.ts'
import { unknownNames } from '../../core/unknown-names.ts'

/** Where the workers are whose topologies are shown. */
export interface WorkersOptions {
  /**
   * `host:port` of their HTTP servers (`OPS_PORT`). A name that has several addresses is all of them, such as that of a
   * headless service of Kubernetes.
   */
  readonly addresses: readonly string[]
  /** What they ask for as `Authorization: Bearer` (`OPS_TOKEN`). No browser gets it. Default: none. */
  readonly token?: string | undefined
}

/** Where one or more workers are. */
export interface WorkerPlace {
  readonly host: string
  readonly port: number
}

const form = /^(\[[0-9a-f:.]+\]|[\w.-]+):(\d{1,5})$/i
const portMax = 65_535

/** Throws ILLEGAL_ARGUMENT with every fault at once. */
export function workerPlaces(options: WorkersOptions): readonly WorkerPlace[] {
  const faults = unknownNames(options, ['addresses', 'token'])
  const places = options.addresses.map((address) => {
    const [, host = '', port = ''] = form.exec(address) ?? []
    if (host === '' || Number(port) < 1 || Number(port) > portMax)
      faults.push(`workers.addresses has ${told(address)}: give host:port`)
    return Object.freeze({ host, port: Number(port) })
  })
  if (places.length === 0) faults.push('workers.addresses is empty: name at least one, or leave workers out')
  if (faults.length > 0) throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', `live tail: ${faults.join(', ')}`)
  return Object.freeze(places)
}
