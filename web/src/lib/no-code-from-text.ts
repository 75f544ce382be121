import { z } from 'zod'

// The content policy forbids building code from text. Zod would try, fall back, and leave a report of the attempt behind.
z.config({ jitless: true })
