import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatedFiles } from './manual.ts'

mkdirSync('config', { recursive: true })
for (const [name, text] of Object.entries(generatedFiles())) writeFileSync(join('config', name), text)
