import type { EvidenceFile } from '@tidemark/core/projects/evidence-contract.ts'
import type { z } from 'zod'
import { useWords } from '../lib/i18n.ts'
import { fileAddress } from './pictures.ts'

/** What a file says of itself. Nothing of it is believed because it is written there; it is shown so that it can be compared. */
export function FileFactsList({
  evidence_id,
  index,
  file: { name, facts },
}: {
  evidence_id: string
  index: number
  file: z.infer<typeof EvidenceFile>
}) {
  const { t, format } = useWords()
  const { capture, grid, pixel_m } = facts
  const rows: [string, string | null][] = [
    [
      t('projects.file.size'),
      `${format.number(facts.width)} × ${format.number(facts.height)} px · ${format.bytes(facts.bytes)} · ${facts.kind}, ${facts.sample}`,
    ],
    [
      t('projects.file.bands'),
      facts.bands
        .map(({ description, colour, index: at }) => description ?? (colour === 'unknown' ? String(at + 1) : colour))
        .join(', '),
    ],
    [
      t('projects.file.place'),
      grid === null
        ? t('projects.file.noPlace')
        : grid.epsg === null
          ? (grid.crs ?? facts.no_crs_reason)
          : `EPSG:${grid.epsg}`,
    ],
    [t('projects.file.pixel'), pixel_m && `${format.number(pixel_m.x)} × ${format.number(pixel_m.y)} m`],
    [
      t('projects.file.time'),
      capture.taken_raw &&
        `${capture.taken_raw}${capture.taken_zone === 'utc' ? ' UTC' : ` (${t('projects.file.noZone')})`}`,
    ],
    [
      t('projects.file.gps'),
      capture.gps && `${format.factor(capture.gps.latitude_deg)}, ${format.factor(capture.gps.longitude_deg)}`,
    ],
    [t('projects.file.camera'), capture.camera],
    [
      t('projects.file.sensor'),
      [capture.sensor, capture.product_level, capture.baseline].filter(Boolean).join(' · ') || null,
    ],
    [t('projects.file.software'), capture.software],
  ]
  return (
    <details className="mt-3">
      <summary className="font-semibold wrap-anywhere">{name}</summary>
      <dl className="mt-2 grid gap-x-4 gap-y-1 text-[0.9375rem] xs:grid-cols-[9rem_minmax(0,1fr)]">
        {rows.map(
          ([label, value]) =>
            value !== null && (
              <div key={label} className="contents">
                <dt className="text-soft">{label}</dt>
                <dd className="figures wrap-anywhere">{value}</dd>
              </div>
            ),
        )}
        <dt className="text-soft">SHA-256</dt>
        <dd className="font-mono text-xs wrap-anywhere">{facts.sha256}</dd>
      </dl>
      <a href={fileAddress(evidence_id, index)} download className="link mt-2 inline-block">
        {t('projects.file.save')}
      </a>
    </details>
  )
}
