import { type ReactNode, useState } from 'react'
import '../react/styles.css'
import '../react/streams/streams.css'
import { StreamsView } from '../react/streams-view.tsx'
import type { SectionProps } from './section.ts'

const parameter = 'application'

/** The workers that the process which serves the page knows. The address carries the application. */
export function StreamsSection({ base, token, onRefused }: SectionProps): ReactNode {
  const [application] = useState(() => new URLSearchParams(location.search).get(parameter) ?? undefined)
  return (
    <StreamsView
      endpoint={`${base}streams/`}
      token={token}
      application={application}
      onApplicationChange={(other) => {
        const address = new URL(location.href)
        address.search = new URLSearchParams({ [parameter]: other }).toString()
        history.replaceState(undefined, '', address)
      }}
      onRefused={onRefused}
    />
  )
}
