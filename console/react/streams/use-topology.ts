import { useEffect, useState } from 'react'
import type { PictureGraph } from '../../../src/topology/picture/picture.ts'
import type { FleetClient } from '../fleet/fleet-client.ts'

/** The topology that one of these workers runs, asked again where they have changed, as in a deployment. */
export function useTopology(client: FleetClient, workers: readonly string[]): PictureGraph | undefined {
  const [graph, setGraph] = useState<PictureGraph>()
  const names = workers.join()
  useEffect(() => {
    const ended = new AbortController()
    const ask = async (): Promise<void> => {
      for (const worker of names === '' ? [] : names.split(',')) {
        const found = await client.topology(worker, ended.signal).catch(() => undefined)
        if (ended.signal.aborted) return
        if (found !== undefined) return setGraph(found)
      }
      setGraph(undefined)
    }
    void ask()
    return () => ended.abort()
  }, [client, names])
  return graph
}
