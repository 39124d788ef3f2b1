// A provider of single sign-on in this process (OpenID Connect): whoever presses its button is vouched for.
import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Opens the provider for one client; it vouches for `subject`. */
export async function openProvider(client) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const asked = new Map() // what was asked for, by code
  const provider = { subject: 'person-1' }
  const token = (claims) => {
    const text = `${encoded({ alg: 'RS256', kid: 'k' })}.${encoded(claims)}`
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`
  }
  const answers = {
    '/.well-known/openid-configuration': () => ({
      issuer: provider.url, authorization_endpoint: `${provider.url}/auth`, token_endpoint: `${provider.url}/token`, jwks_uri: `${provider.url}/keys`,
      response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'],
    }),
    '/keys': () => ({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] }),
    '/token': (query) => {
      const { nonce, challenge } = asked.get(query.get('code')) ?? {}
      const proof = createHash('sha256').update(query.get('code_verifier') ?? '').digest('base64url')
      if (!asked.delete(query.get('code')) || proof !== challenge) return { error: 'invalid_grant' }
      const exp = Math.floor(Date.now() / 1000) + 300
      return { access_token: 'a', token_type: 'Bearer', id_token: token({ iss: provider.url, aud: client, sub: provider.subject, nonce, exp }) }
    },
  }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const at = new URL(request.url, provider.url)
    if (at.pathname === '/auth') {
      const code = randomUUID(), back = new URL(at.searchParams.get('redirect_uri'))
      asked.set(code, { nonce: at.searchParams.get('nonce'), challenge: at.searchParams.get('code_challenge') })
      back.searchParams.set('code', code)
      back.searchParams.set('state', at.searchParams.get('state'))
      const page = `<!doctype html><html lang="zh-CN"><title>统一身份认证</title><link rel="icon" href="data:,"><h1>统一身份认证</h1><a href="${back.href.replaceAll('&', '&amp;')}">确认登录</a>`
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page)
      return
    }
    const said = answers[at.pathname]?.(new URLSearchParams(body))
    response.writeHead(!said ? 404 : said.error ? 400 : 200, { 'Content-Type': 'application/json' }).end(JSON.stringify(said ?? {}))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  provider.url = `http://127.0.0.1:${server.address().port}`
  provider.close = () => new Promise((resolve) => server.close(resolve).closeAllConnections())
  return provider
}
