import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './page.css'
import { ConsolePage } from './console-page.tsx'

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no element root')
createRoot(root).render(
  <StrictMode>
    <ConsolePage />
  </StrictMode>,
)
