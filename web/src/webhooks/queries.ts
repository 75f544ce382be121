import { list, listDeliveries } from '@tidemark/core/webhooks/contract.ts'
import { queryOptions } from '@tanstack/react-query'
import { call } from '../lib/api.ts'

export const endpointsQuery = () =>
  queryOptions({ queryKey: ['webhooks', 'endpoints'], queryFn: ({ signal }) => call(list, {}, signal) })

export const deliveriesQuery = (endpoint_id: string) =>
  queryOptions({
    queryKey: ['webhooks', 'deliveries', endpoint_id],
    queryFn: ({ signal }) => call(listDeliveries, { endpoint_id, limit: 20 }, signal),
    refetchInterval: (query) => (query.state.data?.deliveries.some((each) => each.state === 'waiting') ? 3000 : false),
  })
