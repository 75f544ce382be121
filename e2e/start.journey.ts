import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { startServer } from './server.ts'

const data_folder = await mkdtemp(join(tmpdir(), 'tidemark-start-'))
afterAll(() => rm(data_folder, { recursive: true, force: true }))

describe('the server, started as a person starts it', () => {
  it('says where it is, answers there, and ends when asked', async () => {
    const server = await startServer({ data_folder })
    const answer = await fetch(`${server.base_url}/health`)
    expect(answer.status).toBe(200)
    await server.stop()
    await expect(fetch(`${server.base_url}/health`)).rejects.toThrow(/fetch failed/)
  })

  it('starts again on the same data after it was killed', async () => {
    const first = await startServer({ data_folder })
    await first.kill()
    const second = await startServer({ data_folder })
    expect((await fetch(`${second.base_url}/health`)).status).toBe(200)
    await second.stop()
  })

  it('says what is wrong when it cannot start', async () => {
    await expect(startServer({ env: { PORT: 'harbour' } })).rejects.toThrow(/PORT/)
  })
})
