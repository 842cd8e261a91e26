import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { expectPinned } from './support/pinned.ts'
import { programOf, publicTypes } from './support/public-types.ts'

const ENTRIES = {
  'oddline/sink': 'src/delivery/sink/sink.ts',
  'oddline/sink/contract': 'src/delivery/sink/contract.ts',
  'oddline/client': 'src/client/client.ts',
}
const program = programOf(Object.values(ENTRIES))

test.each(Object.entries(ENTRIES))('%s exports what is pinned', (name, entry) => {
  expectPinned(`test/contracts/pinned/${name.slice(8).replace('/', '-')}.txt`, publicTypes(program, entry))
})

test('every export of the package is pinned', () => {
  const { exports } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
  const pinned = Object.entries(ENTRIES).map(([name, entry]) => [
    name.replace('oddline', '.'),
    `./dist/${entry.replace(/\.ts$/, '.js')}`,
  ])
  const code = Object.entries<{ default: string }>(exports).filter(([name]) => name !== './package.json')
  expect(code.map(([name, { default: file }]) => [name, file]).sort()).toEqual(pinned.sort())
})
