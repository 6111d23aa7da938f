import { type ReactNode, useEffect, useState } from 'react'
import '../react/styles.css'
// Not by the door of the package: it would load all other components with it.
import { LogStreamViewer } from '../react/log-stream-viewer.tsx'
import { type LogView, parametersOfView, viewOfParameters } from '../react/view/log-view.ts'
import type { SectionProps } from './section.ts'

/** The live tail of the process that serves the page. Its address always carries what it shows. */
export function LogsSection({ base, token, onRefused }: SectionProps): ReactNode {
  const [visit, setVisit] = useState(() => ({ number: 0, view: readView() }))
  useEffect(() => {
    const goBack = (): void => setVisit(({ number }) => ({ number: number + 1, view: readView() }))
    window.addEventListener('popstate', goBack)
    return () => window.removeEventListener('popstate', goBack)
  }, [])
  const { filters, ...start } = visit.view
  return (
    <LogStreamViewer
      key={visit.number}
      endpoint={`${base}logs/stream`}
      token={token}
      filters={filters}
      start={start}
      exportEnabled
      onViewChange={writeView}
      linkTo={addressOf}
      onRefused={onRefused}
    />
  )
}

function readView(): LogView {
  return viewOfParameters(new URLSearchParams(location.search))
}

function addressOf(view: LogView): string {
  const address = new URL(location.href)
  address.search = parametersOfView(view).toString()
  return address.href
}

/** Another filter can be gone back from; a search or a layout cannot. */
function writeView(view: LogView): void {
  const isOther = JSON.stringify(view.filters) !== JSON.stringify(readView().filters)
  if (isOther) history.pushState(undefined, '', addressOf(view))
  else history.replaceState(undefined, '', addressOf(view))
}
