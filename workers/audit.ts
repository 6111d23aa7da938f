import { main } from '../fleet/main.ts'

await main('audit')
