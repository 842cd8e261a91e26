import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Dispatcher } from '../../../src/delivery/sending/dispatcher.ts'
import type { Sink } from '../../../src/delivery/sink/sink.ts'
import { aFinding, someFindings } from '../../support/blocks/findings.ts'
import { clockOf } from '../../support/clock.ts'
import { aState, commit, configured, incidentsConfig } from '../../support/delivery.ts'
import { tempDir } from '../../support/temp.ts'

const NOW = Date.UTC(2026, 0, 5, 12)

let receiver: Server
let accepted: string
let seen: string[]
let file: string
let onRefusal: () => void

beforeEach(async () => {
  file = join(tempDir(), 'token')
  seen = []
  accepted = 'first-secret'
  onRefusal = () => {}
  writeFileSync(file, 'first-secret\n')
  receiver = createServer((request, response) => {
    const token = String(request.headers.authorization).replace('Splunk ', '')
    seen.push(token)
    const good = token === accepted
    if (!good) onRefusal()
    request.resume().on('end', () => {
      response.writeHead(good ? 200 : 401).end(good ? '{"text":"Success","code":0}' : `{"text":"no ${token}","code":4}`)
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  receiver.closeAllConnections()
  receiver.close()
})

async function splunk() {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  return await configured({ siem: { type: 'splunk_hec', url, token_file: file, allow_private: true } })
}
const deliver = (sink: Sink) => sink.deliver([aFinding()], AbortSignal.timeout(10_000))

it('a rotated secret is used by the next delivery, without a restart', async () => {
  const [{ sink }] = await splunk()
  expect(await deliver(sink as Sink)).toEqual({ kind: 'delivered' })
  writeFileSync(file, 'second-secret\n')
  accepted = 'second-secret'
  expect(await deliver(sink as Sink)).toEqual({ kind: 'delivered' })
  expect(seen).toEqual(['first-secret', 'second-secret'])
})

it('a secret that is rotated while it is refused is used at once', async () => {
  const [{ sink }] = await splunk()
  accepted = 'second-secret'
  onRefusal = () => writeFileSync(file, 'second-secret\n')
  expect(await deliver(sink as Sink)).toEqual({ kind: 'delivered' })
  expect(seen).toEqual(['first-secret', 'second-secret'])
})

it('a file that is empty or gone for a moment changes nothing, and no outcome tells a secret', async () => {
  const [{ sink }] = await splunk()
  writeFileSync(file, '')
  expect(await deliver(sink as Sink)).toEqual({ kind: 'delivered' })
  rmSync(file)
  expect(await deliver(sink as Sink)).toEqual({ kind: 'delivered' })
  writeFileSync(file, 'wrong-secret')
  const outcome = await deliver(sink as Sink)
  expect(outcome).toMatchObject({ kind: 'retry', reason: 'unauthorized' })
  expect(JSON.stringify(outcome)).not.toMatch(/first-secret|wrong-secret/)
})

it('a queue that is held for a refused secret goes on when the file changes, and only then', async () => {
  const state = aState()
  const sinks = await splunk()
  const options = { clock: clockOf(() => NOW), random: () => 0.9, incidents: incidentsConfig }
  const dispatcher = new Dispatcher(state.db, sinks, options)
  commit(state.db, someFindings(3), dispatcher.routes, NOW)
  accepted = 'second-secret'
  await dispatcher.turn()
  await dispatcher.turn()
  expect(seen).toEqual(['first-secret'])
  writeFileSync(file, 'second-secret\n')
  await dispatcher.turn()
  await dispatcher.turn()
  expect(dispatcher.pending()).toBe(0)
  await dispatcher.stop(0)
  state.close()
})
