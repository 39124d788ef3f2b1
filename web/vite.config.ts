import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import texts from '../internal/message/zh-CN/web.json' with { type: 'json' }

// The server puts a fresh nonce into the page for every request: each script and style tag carries it. The development
// server does not, so there the placeholder stands for an empty nonce.
const nonce = '__CSP_NONCE__'

export default defineConfig(({ command, mode }) => ({
  plugins: [
    react(),
    {
      name: 'nonce',
      transformIndexHtml: {
        order: 'post' as const,
        handler: (page: string) => {
          const html = page.replace('%app%', texts['app-full']).replace('%noscript%', texts.noscript)
          return command === 'serve'
            ? html.split(nonce).join('')
            : html.replace(/<(script|style|link)(?=[\s>])(?![^>]*\snonce=)/g, `<$1 nonce="${nonce}"`)
        },
      },
    },
  ],
  // Government desktops run browsers with a Chromium of 2020.
  build: {
    target: 'chrome86',
    cssTarget: 'chrome86',
    manifest: true,
    reportCompressedSize: false,
    // The gallery of components is built for those who develop, in a folder of its own.
    ...(mode === 'gallery' && { outDir: 'node_modules/.cache/gallery', rolldownOptions: { input: 'gallery.html' } }),
  },
  server: {
    fs: { allow: ['..'] },
    proxy: process.env.DUBAN_URL ? { '/api': process.env.DUBAN_URL } : undefined,
  },
  // Drawing antd's dialogs for the first time takes seconds on a busy machine, and one that others use too stands still at times.
  test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}'], testTimeout: 60_000 },
}))
