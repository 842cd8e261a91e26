import { spawnSync } from 'node:child_process'

/** Makes a program of a Debian package available, installing it where that is possible; says whether it is there. */
export function debian(program: string, packageName = program): boolean {
  const there = () => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
  if (there()) return true
  process.stderr.write(`Installing ${packageName} to compare with...\n`)
  spawnSync(
    'sh',
    ['-c', `apt-get install -y ${packageName} || { apt-get update && apt-get install -y ${packageName}; }`],
    {
      stdio: 'ignore',
    },
  )
  if (there()) return true
  process.stderr.write(`${program} is not here and cannot be installed; it is left out of the comparison.\n`)
  return false
}
