import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sink } from '../../src/delivery/sink/sink.ts'
import { aFinding } from '../support/blocks/findings.ts'
import { configured } from '../support/delivery.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

/** An authority of our own, a receiver that it signed and that asks for a certificate, and a client that it signed. */
describe.skipIf(!hasOpenssl)('mutual TLS (needs the program openssl)', () => {
  let dir: string
  let server: Server
  const peers: string[] = []
  const file = (name: string) => join(dir, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' })

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'oddline-tls-'))
    const key = ['-newkey', 'rsa:2048', '-nodes']
    openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=test authority')
    writeFileSync(file('san'), 'subjectAltName=IP:127.0.0.1')
    for (const name of ['server', 'client']) {
      openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'san']
      openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...by)
    }
    const read = (name: string) => readFileSync(file(name))
    const options = {
      key: read('server.key'),
      cert: read('server.pem'),
      ca: read('ca.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    }
    server = createServer(options, (request, response) => {
      peers.push(String((request.socket as TLSSocket).getPeerCertificate().subject.CN))
      request.resume().on('end', () => response.writeHead(204).end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
    rmSync(dir, { recursive: true, force: true })
  })

  async function outcomeWith(keys: object, port = (server.address() as AddressInfo).port) {
    const url = `https://127.0.0.1:${port}`
    const [{ sink }] = await configured({
      hook: { type: 'webhook', url, signature: 'none', allow_private: true, ...keys },
    })
    const outcome = await (sink as Sink).deliver([aFinding()], AbortSignal.timeout(10_000))
    await sink.close?.()
    return outcome
  }

  it('lets in who shows a certificate of the authority', async () => {
    const keys = { ca_file: file('ca.pem'), cert_file: file('client.pem'), key_file: file('client.key') }
    expect(await outcomeWith(keys)).toEqual({ kind: 'delivered' })
    expect(peers).toEqual(['client'])
  })

  it('does not trust a receiver that an unknown authority signed, and says what to give', async () => {
    expect(await outcomeWith({})).toMatchObject({
      kind: 'retry',
      reason: 'misconfigured',
      detail: expect.stringContaining('authority'),
    })
  })

  it.each([
    ['expired', /The certificate "receiver" of the receiver expired on \d{4}-\d\d-\d\d; renew it/],
    ['other-name', /is for another host name; use a name/],
    ['self-signed', /is self-signed; set ca_file to that certificate/],
  ])('says what is wrong with a certificate and what to do: %s', async (kind, advice) => {
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'r.key', '-subj', '/CN=receiver']
    if (kind === 'self-signed') {
      openssl('req', '-x509', ...key, '-out', 'r.pem', '-days', '2', '-addext', 'subjectAltName=IP:127.0.0.1')
    } else {
      writeFileSync(file('other'), 'subjectAltName=DNS:other.example')
      openssl('req', ...key, '-out', 'r.csr')
      const days = kind === 'expired' ? '-1' : '2'
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', days]
      const names = kind === 'other-name' ? 'other' : 'san'
      openssl('x509', '-req', '-in', 'r.csr', '-out', 'r.pem', ...by, '-extfile', names)
    }
    const receiver = createServer({ key: readFileSync(file('r.key')), cert: readFileSync(file('r.pem')) })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    const ca = kind === 'self-signed' ? {} : { ca_file: file('ca.pem') }
    const outcome = await outcomeWith(ca, (receiver.address() as AddressInfo).port)
    expect(outcome).toMatchObject({ kind: 'retry', reason: 'misconfigured', detail: expect.stringMatching(advice) })
    receiver.closeAllConnections()
    receiver.close()
  })

  it('keeps the queue when we have no certificate to show', async () => {
    expect((await outcomeWith({ ca_file: file('ca.pem') })).kind).toBe('retry')
    expect(peers).toEqual(['client'])
  })
})
