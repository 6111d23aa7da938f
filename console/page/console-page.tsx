import { type ReactNode, Suspense, useCallback, useState } from 'react'
import { Navigation } from './navigation.tsx'
import { SectionBoundary } from './section-boundary.tsx'
import { sections } from './sections.ts'
import { ThemeButton } from './theme-button.tsx'
import { TokenDialog } from './token-dialog.tsx'
import { useAccess } from './use-access.ts'
import { useAddress } from './use-address.ts'

const tokenKey = 'millrace.token'
/** Also below the path of a proxy. */
const base = new URL('.', document.baseURI).href

/** The page: its sections, one at a time, with what all of them need. */
export function ConsolePage(): ReactNode {
  const [token, setToken] = useState(() => sessionStorage.getItem(tokenKey) ?? undefined)
  const [needsToken, setNeedsToken] = useState(false)
  const onRefused = useCallback(({ status }: { readonly status: number }) => {
    if (status === 401) setNeedsToken(true)
  }, [])
  const names = useAccess({ base, token, onRefused })
  const [path, go] = useAddress()
  const served = sections.filter((section) => names?.includes(section.path) === true)
  const shown =
    names === undefined
      ? sections.find((section) => section.path === (path ?? sections[0]?.path))
      : served.find((section) => path === undefined || section.path === path)
  const Component = shown?.component
  return (
    <div className="page">
      <header>
        <h1>
          <span>millrace</span> {shown?.title}
        </h1>
        {served.length > 1 && <Navigation sections={served} current={shown} onGo={go} />}
        <ThemeButton />
      </header>
      <main>
        {Component === undefined ? (
          <p className="notice">{names === undefined ? '' : 'This server has nothing to show at this address.'}</p>
        ) : (
          <SectionBoundary key={shown?.path}>
            <Suspense fallback={<p className="notice">Loading</p>}>
              <Component base={base} token={token} onRefused={onRefused} />
            </Suspense>
          </SectionBoundary>
        )}
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
