export interface Tile {
  x: number
  y: number
  side: number
}

const TILES = 3
/** Of the shorter side: near enough to see single crowns, far enough to know where one is. */
const SHARE = 0.2

/** Where to look: places that follow from the digest of what is reviewed. */
export function tilesOf(digest: string, width: number, height: number): Tile[] {
  const hex = digest.replace(/^sha256:/, '')
  const side = Math.max(1, Math.round(Math.min(width, height) * SHARE))
  return Array.from({ length: TILES }, (_, index) => {
    const draw = (at: number) => Number.parseInt(hex.slice(at, at + 4), 16) / 0xffff
    return {
      x: Math.round(draw(index * 8) * (width - side)),
      y: Math.round(draw(index * 8 + 4) * (height - side)),
      side,
    }
  })
}
