import { Component, type ReactNode } from 'react'

interface SectionBoundaryProps {
  readonly children: ReactNode
}

/** A section that cannot be loaded or shown leaves the rest of the page as it is. */
export class SectionBoundary extends Component<SectionBoundaryProps, { readonly isBroken: boolean }> {
  override state = { isBroken: false }

  static getDerivedStateFromError(): { readonly isBroken: boolean } {
    return { isBroken: true }
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children
    return (
      <div className="notice" role="alert">
        <p>This part of the page cannot be shown. The server may have another version by now.</p>
        <button type="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </div>
    )
  }
}
