import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { LogStreamViewer, type LogView, parametersOfView, type RefusedState, viewOfParameters } from '../react/index.ts'
import { ThemeButton } from './theme-button.tsx'
import { TokenDialog } from './token-dialog.tsx'

const tokenKey = 'millrace.token'
/** Next to the page, also below the path of a proxy. */
const endpoint = new URL('logs/stream', document.baseURI).href

/** The live tail of the process that serves the page. Its address always carries what it shows. */
export function ConsolePage(): ReactNode {
  const [visit, setVisit] = useState(() => ({ number: 0, view: readView() }))
  const [token, setToken] = useState(() => sessionStorage.getItem(tokenKey) ?? undefined)
  const [needsToken, setNeedsToken] = useState(false)
  useEffect(() => {
    const goBack = (): void => setVisit(({ number }) => ({ number: number + 1, view: readView() }))
    window.addEventListener('popstate', goBack)
    return () => window.removeEventListener('popstate', goBack)
  }, [])
  const onRefused = useCallback(({ status }: RefusedState) => setNeedsToken(status === 401), [])
  const { filters, ...start } = visit.view
  return (
    <div className="page">
      <header>
        <h1>
          <span>millrace</span> live tail
        </h1>
        <ThemeButton />
      </header>
      <main>
        <LogStreamViewer
          key={visit.number}
          endpoint={endpoint}
          token={token}
          filters={filters}
          start={start}
          exportEnabled
          onViewChange={writeView}
          linkTo={addressOf}
          onRefused={onRefused}
        />
      </main>
      {needsToken && (
        <TokenDialog
          isWrong={token !== undefined}
          onToken={(given) => {
            sessionStorage.setItem(tokenKey, given)
            setToken(given)
            setNeedsToken(false)
          }}
        />
      )}
    </div>
  )
}

function readView(): LogView {
  return viewOfParameters(new URLSearchParams(location.search))
}

function addressOf(view: LogView): string {
  const address = new URL(location.href)
  address.search = parametersOfView(view).toString()
  address.hash = ''
  return address.href
}

/** Another filter can be gone back from; a search or a layout cannot. */
function writeView(view: LogView): void {
  const isOther = JSON.stringify(view.filters) !== JSON.stringify(readView().filters)
  if (isOther) history.pushState(undefined, '', addressOf(view))
  else history.replaceState(undefined, '', addressOf(view))
}
