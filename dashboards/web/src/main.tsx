import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { mayHelp } from './api/queries'
import { App } from './App'
import './styles.css'

const client = new QueryClient({
  defaultOptions: { queries: { retry: mayHelp, retryDelay: 1000, staleTime: 2_000, refetchOnWindowFocus: true } },
})

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element #root')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
)
