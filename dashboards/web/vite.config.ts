import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'

// `npm run dev` shows the page over a running stack: its address, and a key made by `tradewind api key create`.
const { API_URL: target = '', API_KEY: key = '' } = loadEnv('', '.', 'API_')
const headers = { Authorization: `Bearer ${key}` }

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: 'es2023',
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'charts', test: /node_modules[\\/](recharts|d3-|@reduxjs|react-redux|immer|reselect|victory)/ },
            // Before the charts, which would take what they need of it along and make the page wait for them.
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler|@tanstack)[\\/]/, priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': { target, headers },
      '/ws': { target, headers, ws: true },
    },
  },
})
