import { Cluster } from '../../../../src/kafka/wire/cluster/cluster.ts'
import { type ClusterOptions, compileClusterOptions } from '../../../../src/kafka/wire/connection/cluster-options.ts'
import { WireAdmin } from '../../../../src/kafka/wire/admin/admin.ts'

/** Clusters opened by a test, closed after it. */
export class OpenClusters {
  readonly #clusters: Cluster[] = []

  open(bootstrap: string, options: Partial<ClusterOptions> = {}): Cluster {
    const cluster = new Cluster(compileClusterOptions({ bootstrap: bootstrap.split(','), ...options }))
    this.#clusters.push(cluster)
    return cluster
  }

  admin(bootstrap: string, options: Partial<ClusterOptions> = {}): WireAdmin {
    return new WireAdmin(this.open(bootstrap, options))
  }

  closeAll(): void {
    for (const cluster of this.#clusters.splice(0)) cluster.close()
  }
}

let lastName = 0

/** A name that no other test of any run on this broker has. */
export function uniqueName(stem: string): string {
  return `${stem}-${process.pid}-${Date.now().toString(36)}-${++lastName}`
}

/** Waits until the condition holds; fails the test when it does not in time. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const endMs = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await pause(20)
  }
}

export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}
