import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { DEMO_CLAIMED_HA, demoBoundary, GENERATED_LABEL, sceneDates, writeDemoScene } from './demo-scene.ts'

/** `tidemark scene FOLDER`: the files of the demonstration, to try the addresses with. */
export function addSceneCommand(program: Command): void {
  program
    .command('scene')
    .argument('<folder>', 'where before.tif, after.tif and boundary.geojson are written')
    .description(`Write a pair of pictures to try projects with: a ${GENERATED_LABEL}`)
    .action(async (folder: string) => {
      await mkdir(folder, { recursive: true })
      for (const when of ['before', 'after'] as const) await writeDemoScene(join(folder, `${when}.tif`), when)
      const feature = { type: 'Feature', properties: { name: GENERATED_LABEL }, geometry: demoBoundary() }
      await writeFile(join(folder, 'boundary.geojson'), `${JSON.stringify(feature, null, 2)}\n`)
      process.stdout.write(
        `${JSON.stringify({ folder, label: GENERATED_LABEL, captured_at: sceneDates, claimed_ha: DEMO_CLAIMED_HA })}\n`,
      )
    })
}
