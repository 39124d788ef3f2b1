// Which of the application's routes somebody has looked at, in the tests of this process.
import { readFile } from 'node:fs/promises'
import { matchRoutes } from 'react-router'

const looked = []

/** Notes that somebody has looked at an address. */
export const lookedAt = (address) => looked.push(new URL(address).pathname)

/** The routes nobody has looked at. */
export async function unseen() {
  const app = await readFile(new URL('../../src/App.tsx', import.meta.url), 'utf8')
  const routes = [{ path: '/' }, ...[...app.matchAll(/path="([^"]+)"/g)].map(([, path]) => ({ path }))]
  const seen = new Set(looked.map((at) => matchRoutes(routes, at)[0].route.path))
  return routes.map(({ path }) => path).filter((path) => !seen.has(path))
}
