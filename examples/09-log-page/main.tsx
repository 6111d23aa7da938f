import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '@millrace/react/styles.css'
import './page.css'
import { LogPage } from './log-page.tsx'

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no element with the id root: add it to index.html')
createRoot(root).render(
  <StrictMode>
    <LogPage />
  </StrictMode>,
)
