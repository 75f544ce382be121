/** What stands in the address of a site's page. */
export interface SiteSearch {
  part?: string | undefined
  /** Over how long the figures speak: `day`, `week`, `month`. */
  span?: string | undefined
  /** Series in the explorer: `dev_…~12,dev_…~14`. */
  show?: string | undefined
  from?: string | undefined
  to?: string | undefined
  /** The episode, asset or device that is open. */
  at?: string | undefined
}
